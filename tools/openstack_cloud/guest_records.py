"""The records through which Nova's driver and the runner of guests communicate: a directory for each server.

Nova's driver writes `guest.json` and the files of the config drive; the runner writes `console`. The directory is there
for as long as the server is.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

RECORD, CONSOLE, DRIVE = "guest.json", "console", "config"


@dataclass(frozen=True)
class Record:
    """One server: host name, ids and MAC addresses of its ports, whether it is on, how often it was switched on."""

    id: str
    hostname: str
    ports: tuple[tuple[str, str], ...]
    on: bool = True
    boots: int = 1


def root(nova: Path) -> Path:
    """The directory of all servers, by Nova's state directory."""
    return nova / "guests"


def write(nova: Path, record: Record, drive: Mapping[str, bytes] | None = None) -> None:
    """Write the record whole or not at all, after the config drive's files, which are named as on the drive."""
    place = root(nova) / record.id
    for name, content in (drive or {}).items():
        file = place / DRIVE / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    (place / DRIVE).mkdir(parents=True, exist_ok=True)
    draft = place / f".{RECORD}"
    draft.write_text(json.dumps(asdict(record)))
    draft.replace(place / RECORD)


def read(nova: Path, server: str) -> Record | None:
    """A server's record; None where there is none."""
    with suppress(FileNotFoundError, ValueError):
        record = json.loads((root(nova) / server / RECORD).read_text())
        return Record(**{**record, "ports": tuple((port, mac) for port, mac in record["ports"])})
    return None


def remove(nova: Path, server: str) -> None:
    shutil.rmtree(root(nova) / server, ignore_errors=True)


def servers(nova: Path) -> Iterator[str]:
    """The ids of the servers that have a directory."""
    if root(nova).exists():
        yield from sorted(place.name for place in root(nova).iterdir())


def console(nova: Path, server: str) -> bytes:
    """A server's output since it was switched on."""
    with suppress(FileNotFoundError):
        return (root(nova) / server / CONSOLE).read_bytes()
    return b""
