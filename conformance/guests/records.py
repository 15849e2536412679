"""A guest's record in the report, one JSON line: what the APIs show of a server, and what it says itself.

Files are `guests/SCENE.RUN.HOST.WORKER.ndjson`. They hold addresses, ids and the redacted end of a silent guest's
console, but no user data.
"""

import json
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from conformance import schema
from conformance.guests.words import Words
from conformance.race.engine.history import worker
from conformance.untrusted import read_records

FOLDER = "guests"  # of a report
GIVEN, GONE = "given", "gone"  # of a place beyond the external network


@dataclass(frozen=True)
class Address:
    """A fixed address of a port by Networking: `length` is its subnet's, `gateway` may be empty, `mode` the subnet's
    `ipv6_address_mode`; empty if there is none."""

    ip: str
    length: int
    gateway: str = ""
    mode: str = ""

    @property
    def version(self) -> int:
        return 6 if ":" in self.ip else 4

    def __str__(self) -> str:
        return f"{self.ip}/{self.length}"


@dataclass(frozen=True)
class Shown:
    """What the APIs show of a server: `compute` are its fixed addresses by Compute, the rest is Networking's.

    `router` are the external addresses of the router that its network leads out by, `snat` whether that translates,
    `floating` and `compute_floating` its floating IPs by either API, `kind` the provider's type of the network where an
    administrator has looked, `external` the prefixes of the external network, as far as they are seen.
    """

    mac: str = ""
    mtu: int = 0
    addresses: tuple[Address, ...] = ()
    compute: tuple[str, ...] = ()
    router: tuple[str, ...] = ()
    snat: bool = True
    floating: tuple[str, ...] = ()
    compute_floating: tuple[str, ...] = ()
    kind: str = ""
    external: tuple[str, ...] = ()

    def of(self, version: int) -> list[Address]:
        return [address for address in self.addresses if address.version == version]

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        texts = ("compute", "router", "floating", "compute_floating", "external")
        values = {**plain, **{name: tuple(map(str, plain[name])) for name in texts}}
        return cls(**{**values, "addresses": tuple(Address(**address) for address in plain["addresses"])})


@dataclass(frozen=True)
class Target:
    """An address for a guest to try, and the MAC address of the port that has or had it."""

    address: str
    mac: str
    project: str
    server: str


@dataclass(frozen=True)
class GuestRecord:
    """One server of a scene; `role` is its role there.

    `words` is None for a silent one; `silence` is then a sentence on its console. `seconds` are from the request
    to its words. `outside` is empty where it had no place beyond the external network to call, GIVEN where it had one,
    or GONE where this place stopped answering the suite's machine for a while before the server had spoken.
    """

    scene: str
    role: str
    project: str
    server: str
    shown: Shown
    nonce: str = ""
    words: Words | None = None
    silence: str = ""
    outside: str = ""
    targets: tuple[Target, ...] = ()
    seconds: float = 0.0
    worker: str = field(default_factory=worker)
    host: str = field(default_factory=socket.gethostname)

    @property
    def name(self) -> str:
        return f"{self.role} server {self.server}"

    def to_plain(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """The record in plain data, which fits the schema guest-record."""
        words = plain["words"]
        return cls(
            **{
                **plain,
                "shown": Shown.from_plain(plain["shown"]),
                "words": None if words is None else Words.from_plain(words),
                "targets": tuple(Target(**target) for target in plain["targets"]),
            }
        )


Records = Sequence[GuestRecord]


class GuestLog:
    """The file of a scene's records in a report's directory; files of earlier runs are deleted."""

    def __init__(self, report: Path, scene: str, run: str) -> None:
        folder = report / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        for old in set(folder.glob(f"{scene}.*.ndjson")) - set(folder.glob(f"{scene}.{run}.*.ndjson")):
            old.unlink(missing_ok=True)
        self._path = folder / f"{scene}.{run}.{socket.gethostname()}.{worker()}.ndjson"

    def add(self, records: Iterable[GuestRecord]) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            for record in records:
                file.write(json.dumps(record.to_plain(), separators=(",", ":")) + "\n")


def read(paths: Iterable[Path], invalid: Callable[[str], None] | None = None) -> list[GuestRecord]:
    """The records of all files. For each line that is no record, `invalid` is called with a text that names file and
    line; without it, ValueError is raised.
    """
    return read_records(paths, _checked, "guest", invalid)


def _checked(plain: Any) -> GuestRecord:
    """The record in plain data of unknown origin. Raises ValueError for invalid data."""
    problem = schema.misfit("guest-record", plain)
    if problem:
        raise ValueError(problem)
    return GuestRecord.from_plain(plain)


def scene_of(report: Path, scene: str) -> list[GuestRecord]:
    """All records of a scene in a report's directory. Raises ValueError."""
    return read(sorted((report / FOLDER).glob(f"{scene}.*.ndjson")))


def roles(records: Records, *names: str) -> list[GuestRecord]:
    """The records of guests with one of these roles; without names, all."""
    return [record for record in records if not names or record.role in names]


def spoken(records: Records) -> Iterator[tuple[GuestRecord, Words]]:
    """(record, words) of each guest that has spoken."""
    for record in records:
        if record.words is not None:
            yield record, record.words


def ips(record: GuestRecord) -> list[str]:
    """The fixed addresses that Networking shows."""
    return [address.ip for address in record.shown.addresses]


def listed(values: Iterable[object]) -> str:
    """The values as a text, sorted where they come in no order; "none" for none."""
    texts = [str(value) for value in values]
    return ", ".join(sorted(texts) if isinstance(values, (set, frozenset)) else texts) or "none"
