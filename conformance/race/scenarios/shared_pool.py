"""The race of several projects for prefixes of the same default pools: their first requests, all at once."""

from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_network
from itertools import chain, combinations

from conformance.race.checkers.topology import DELETE_TOPOLOGY, GET_TOPOLOGY, answered_id
from conformance.race.engine.caller import Caller, Shot, together
from conformance.race.engine.history import AFTERWARDS, Record
from conformance.race.operations.project_state import holdings, items_of, owner, take

Round = Mapping[str, Sequence[Record]]  # of one round: project id -> what its caller did and saw


def run(callers: Sequence[Caller], *, width: int, rounds: Iterable[int]) -> None:
    """In each of the `rounds`, `width` first GETs of every caller's project at once; then all DELETEs, at once as well.

    The race of a caller becomes its own, the round and the project in its name. Ends early when calls were lost, for
    they may still be at work.
    """
    for number in rounds:
        here = [caller.within(f"{caller.race}-{number}-{place}") for place, caller in enumerate(callers, 1)]
        raced = together([_get(caller) for caller in here for _ in range(width)])
        for caller in here:
            caller.call(GET_TOPOLOGY, "GET", caller.topology_url)
        if any(record.lost for record in raced):
            return
        for caller in here:
            take(caller)
        gone = together([Shot(caller, DELETE_TOPOLOGY, "DELETE", caller.topology_url) for caller in here])
        for caller in here:
            take(caller.afterwards)
        if any(record.lost for record in gone):
            return


def _get(caller: Caller) -> Shot:
    return Shot(caller, GET_TOPOLOGY, "GET", caller.topology_url)


def rounds_of(records: Sequence[Record]) -> list[Round]:
    """The records of each round, by project; without what came after it."""
    found: dict[str, dict[str, list[Record]]] = {}
    for record in records:
        if not record.race.endswith(AFTERWARDS):
            number = record.race.rpartition("-")[0]
            found.setdefault(number, {}).setdefault(record.project, []).append(record)
    return list(found.values())


def prefixes_are_apart(together_: Round) -> list[str]:
    """No two subnets of one pool overlap, whosever they are (N-SP-030)."""
    subnets = [
        (str(subnet["subnetpool_id"]), ip_network(str(subnet["cidr"])), project)
        for project, records in together_.items()
        for subnet in holdings(records).subnets
        if subnet.get("subnetpool_id")
    ]
    return [
        f"{one} of project {mine} and {other} of project {theirs} overlap, both of pool {pool}"
        for (pool, one, mine), (same, other, theirs) in combinations(subnets, 2)
        if pool == same and one.overlaps(other)
    ]


def networks_are_apart(together_: Round) -> list[str]:
    """No network was answered to two projects (N-AAT-030)."""
    answered = {project: {answered_id(record) for record in records} for project, records in together_.items()}
    return [
        f"projects {one} and {other} were answered the same network {network}"
        for (one, mine), (other, theirs) in combinations(answered.items(), 2)
        for network in mine & theirs - {None}
    ]


def nothing_foreign_is_seen(together_: Round) -> list[str]:
    """No project's lists show what another one's race has made (N-AAT-030)."""
    made = {
        item["id"]: project
        for project, records in together_.items()
        for item in chain(*(getattr(holdings(records), kind) for kind in ("networks", "subnets", "routers", "ports")))
    }
    return [
        f"project {project} sees {made[item['id']]}'s {kind.removesuffix('s')} {item['id']}"
        for project, records in together_.items()
        for kind in ("networks", "subnets", "routers", "ports")
        for record in records
        if record.operation == f"list_{kind}"
        for item in items_of(record, kind) or []
        if made.get(item["id"], project) != project and owner(item) != project
    ]
