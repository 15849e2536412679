"""What a project has: listed with its own token, and read from the history."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.race.engine.caller import Caller
from conformance.race.engine.history import Record
from conformance.verdict.signals import Inconclusive

Item = dict[str, Any]

NOT_THERE = 404  # to a list of objects that the cloud does not have
OWNED = frozenset({"project_id", "tenant_id"})
FLOATING_IPS = "floatingips"
KINDS = ("networks", "subnets", "routers", "ports", "subnetpools", FLOATING_IPS)


@dataclass(frozen=True)
class ProjectState:
    """The project's own objects as the Networking API lists them, and the default subnet pools that it sees."""

    networks: list[Item]
    subnets: list[Item]
    routers: list[Item]
    ports: list[Item]
    default_pools: list[Item]
    floating_ips: list[Item] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        return not (self.networks or self.subnets or self.routers or self.ports or self.floating_ips)

    def __str__(self) -> str:
        kinds = ("networks", "subnets", "routers", "ports", "floating_ips")
        return ", ".join(f"{len(getattr(self, kind))} {kind.replace('_', ' ')}" for kind in kinds)


def list_project(caller: Caller) -> None:
    """List all KINDS, one call for each, into the caller's history."""
    for kind in KINDS:
        caller.call(f"list_{kind}", "GET", f"{caller.network_url}/{kind}")


def last_state(records: Sequence[Record]) -> ProjectState:
    """The state by the last list of each kind. Raises Inconclusive where one is missing or was not answered."""
    project = records[0].project if records else ""
    listed = {kind: _last_list(records, kind) for kind in KINDS if kind != FLOATING_IPS}
    listed[FLOATING_IPS] = _last_floating_ips(records)
    own = {kind: [item for item in listed[kind] if owner(item) == project] for kind in KINDS}
    return ProjectState(
        networks=own["networks"],
        subnets=own["subnets"],
        routers=own["routers"],
        ports=own["ports"],
        floating_ips=own[FLOATING_IPS],
        default_pools=[pool for pool in listed["subnetpools"] if pool.get("is_default") is True],
    )


def _last_floating_ips(records: Sequence[Record]) -> list[Item]:
    """The last list; empty where the cloud has none to list, or an older suite did not. Raises Inconclusive."""
    lists = [record for record in records if record.operation == f"list_{FLOATING_IPS}"]
    return [] if not lists or lists[-1].status == NOT_THERE else _last_list(records, FLOATING_IPS)


def _last_list(records: Sequence[Record], kind: str) -> list[Item]:
    """The objects of the last list. Raises Inconclusive."""
    lists = [record for record in records if record.operation == f"list_{kind}"]
    if not lists:
        raise Inconclusive(f"the {kind} were not listed")
    items = items_of(lists[-1], kind)
    if items is None:
        raise Inconclusive(f"listing the {kind} answered {lists[-1].status or lists[-1].lost}")
    if any(OWNED.isdisjoint(item) for item in items):
        raise Inconclusive(f"listing the {kind} answered some without saying whose they are")
    return items


def items_of(record: Record, kind: str) -> list[Item] | None:
    """The objects that a list call answered, None where it did not succeed."""
    listed = record.answer.get(kind) if record.ok and isinstance(record.answer, dict) else None
    return listed if isinstance(listed, list) and all(isinstance(item, dict) for item in listed) else None


def owner(item: Item) -> str:
    """The id of the project that an object belongs to, empty where that is not said."""
    return str(item.get("project_id") or item.get("tenant_id") or "")
