"""The settings of a run: one object, built from the command line, and handed to every process of the run."""

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from conformance.deadlines import Deadlines

ENVIRONMENT = "envvars"


def state_folder() -> Path:
    """Where what outlives a run is kept: locks, and the journals of runs that could not end in order."""
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(home) / "get-me-a-network"


def named_cloud() -> str:
    """The cloud that the environment names: OS_CLOUD, else that of a sourced openrc (OS_AUTH_URL and its like), which
    openstacksdk calls `envvars`; empty if there is none.
    """
    return os.environ.get("OS_CLOUD") or (ENVIRONMENT if os.environ.get("OS_AUTH_URL") else "")


class UsageProblem(Exception):
    """The user's input is invalid; the text is one line that says what to change."""


@dataclass(frozen=True)
class Settings:
    """`cloud`, `alt_cloud` and `admin_cloud` are names in clouds.yaml: in `clouds_file`, beside the data of a cloud of
    the run's own, if that is given, else in the one that every OpenStack client reads. `region` is one of its regions,
    empty for its first. `accounts` and `waivers` are files; empty means none. `image` and `flavor` are what to boot, by
    name or id; empty means whatever needs the least. `guest_image` is the image of servers that report on their
    network, where it differs from `image`; `outside` are URLs beyond the external network that they call.
    `networking_release` is Networking's, such as 27.0.1, where it is known. `claims` are the profiles to judge.
    `settled` are the ids of tests that an earlier run has settled, so that this one need not run them; `excluded` gives
    tests that are left out the reason. `disruptive` allows tests that temporarily change the cloud's defaults, which
    all projects share.
    """

    cloud: str
    report: Path
    run_id: str
    clouds_file: str = ""
    region: str = ""
    alt_cloud: str = ""
    admin_cloud: str = ""
    accounts: str = ""
    waivers: str = ""
    networking_release: str = ""
    image: str = ""
    flavor: str = ""
    guest_image: str = ""
    outside: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    settled: frozenset[str] = frozenset()
    excluded: Mapping[str, str] = field(default_factory=dict)
    disruptive: bool = False
    deadlines: Deadlines = field(default_factory=Deadlines)

    @property
    def state(self) -> Path:
        """The folder for what outlives the run; that of a cloud made for the run does not outlive it."""
        return Path(self.clouds_file).parent / "state" if self.clouds_file else state_folder()

    def to_plain(self) -> dict[str, Any]:
        """As plain data, to be sent to another process."""
        return {
            **dataclasses.asdict(self),
            "report": str(self.report),
            "claims": [str(claim) for claim in self.claims],
            "outside": list(self.outside),
            "settled": sorted(self.settled),
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        deadlines = Deadlines(**plain["deadlines"])
        return cls(
            **{
                **plain,
                "report": Path(plain["report"]),
                "claims": tuple(plain["claims"]),
                "outside": tuple(plain["outside"]),
                "settled": frozenset(plain["settled"]),
                "deadlines": deadlines,
            }
        )
