"""The areas of the registry: requirements whose ids begin alike."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

AREAS = {
    "C-BUILD": "Compute: building servers",
    "C-CW": "Compute: several at once",
    "C-ERR": "Compute: refusals",
    "C-FAULT": "Compute: what went wrong",
    "C-MULTI": "Compute: several servers in one request",
    "C-MV": "Compute: microversions",
    "C-NET": "Compute: the networks of a request",
    "C-OBJ": "Compute: objects, in every answer",
    "C-SRV": "Compute: servers",
    "C-SVC": "Compute: services and flavors",
    "D-ADDR": "Servers: their addresses",
    "D-IN": "Servers: reached from outside",
    "D-LIFE": "Servers: what stays of them",
    "D-META": "Servers: metadata",
    "D-OUT": "Servers: their way out",
    "D-PEER": "Servers: their neighbours",
    "D-PROV": "Servers: on provider networks",
    "D-RACE": "Servers: first boots at once",
    "D-SG": "Servers: security groups",
    "D-V6": "Servers: IPv6 alone",
    "G": "Image",
    "K": "Identity",
    "N-AAT": "Networking: the topology",
    "N-ERR": "Networking: errors and headers",
    "N-EXT": "Networking: extensions",
    "N-NET": "Networking: networks",
    "N-OBJ": "Networking: objects, in every answer",
    "N-PORT": "Networking: ports",
    "N-QUOTA": "Networking: quotas",
    "N-RBAC": "Networking: rights",
    "N-RTR": "Networking: routers",
    "N-SP": "Networking: subnet pools",
    "N-SUB": "Networking: subnets",
}


class Identified(Protocol):
    """Whatever has the id of a requirement."""

    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=Identified)


def family(id_: str) -> str:
    """What the ids of an area begin with: N-AAT of N-AAT-040."""
    return id_.rpartition("-")[0]


def areas(entries: Iterable[T]) -> list[tuple[str, list[T]]]:
    """The entries of each area by its name, both in the order they come in; an unknown one has none."""
    entries_of: dict[str, list[T]] = {}
    for entry in entries:
        entries_of.setdefault(AREAS.get(family(entry.id), family(entry.id)), []).append(entry)
    return list(entries_of.items())
