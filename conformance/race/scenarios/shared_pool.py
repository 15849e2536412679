"""The race of several projects for prefixes of the same default pools: their first GETs, all at once."""

from collections.abc import Iterable, Sequence
from ipaddress import ip_network
from itertools import chain, combinations

from conformance.race.engine.caller import Call, Caller, release_together
from conformance.race.engine.history import AFTERWARDS, Record
from conformance.race.operations.project_state import items_of, last_state, list_project, owner
from conformance.race.operations.topology import DELETE_TOPOLOGY, GET_TOPOLOGY, answered_id

KINDS = ("networks", "subnets", "routers", "ports")


def run(callers: Sequence[Caller], *, width: int, rounds: Iterable[int]) -> None:
    """In each of the `rounds`, `width` first GETs of every caller's project at once; then all DELETEs at once.

    The name of each race is the caller's, followed by the numbers of round and project. Stops after a round in which
    calls were lost, as they may still be executed.
    """
    for number in rounds:
        racers = [caller.within(f"{caller.race}-{number}-{place}") for place, caller in enumerate(callers, 1)]
        gets = [Call(racer, GET_TOPOLOGY, "GET", racer.topology_url) for racer in racers for _ in range(width)]
        records = release_together(gets)
        for racer in racers:
            racer.call(GET_TOPOLOGY, "GET", racer.topology_url)
        if any(record.lost for record in records):
            return
        for racer in racers:
            list_project(racer)
        deletes = release_together([Call(racer, DELETE_TOPOLOGY, "DELETE", racer.topology_url) for racer in racers])
        for racer in racers:
            list_project(racer.afterwards)
        if any(record.lost for record in deletes):
            return


def by_round(records: Sequence[Record]) -> dict[str, list[Record]]:
    """Name of the round -> its records, of all projects, without those of the cleanup."""
    rounds: dict[str, list[Record]] = {}
    for record in records:
        if not record.race.endswith(AFTERWARDS):
            rounds.setdefault(record.race.rpartition("-")[0], []).append(record)
    return rounds


def _by_project(round_: Sequence[Record]) -> dict[str, list[Record]]:
    projects: dict[str, list[Record]] = {}
    for record in round_:
        projects.setdefault(record.project, []).append(record)
    return projects


def prefixes_are_apart(round_: Sequence[Record]) -> list[str]:
    """No two subnets of one pool overlap, of whatever projects (N-SP-030)."""
    subnets = [
        (str(subnet["subnetpool_id"]), ip_network(str(subnet["cidr"])), project)
        for project, records in _by_project(round_).items()
        for subnet in last_state(records).subnets
        if subnet.get("subnetpool_id")
    ]
    return [
        f"{cidr} of project {project} and {other_cidr} of project {other} overlap, both of pool {pool}"
        for (pool, cidr, project), (other_pool, other_cidr, other) in combinations(subnets, 2)
        if pool == other_pool and cidr.overlaps(other_cidr)
    ]


def networks_are_apart(round_: Sequence[Record]) -> list[str]:
    """No network was answered to two projects (N-AAT-030)."""
    answered = {
        project: {answered_id(record) for record in records} for project, records in _by_project(round_).items()
    }
    return [
        f"projects {project} and {other} were answered the same network {network}"
        for (project, networks), (other, other_networks) in combinations(answered.items(), 2)
        for network in networks & other_networks - {None}
    ]


def nothing_foreign_is_seen(round_: Sequence[Record]) -> list[str]:
    """No project's lists show what another project has created (N-AAT-030)."""
    projects = _by_project(round_)
    owners = {
        item["id"]: project
        for project, records in projects.items()
        for item in chain(*(getattr(last_state(records), kind) for kind in KINDS))
    }
    return [
        f"project {project} sees {owners[item['id']]}'s {kind.removesuffix('s')} {item['id']}"
        for project, records in projects.items()
        for kind in KINDS
        for record in records
        if record.operation == f"list_{kind}"
        for item in items_of(record, kind) or []
        if owners.get(item["id"], project) != project and owner(item) != project
    ]
