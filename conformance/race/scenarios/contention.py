"""Contention: more callers than places (prefixes, addresses). All call at once, then the losers retry, one by one.

A service may refuse calls that conflict with others, but it must not give a place twice, nor refuse a free one to a
retry.
"""

from collections.abc import Callable, Sequence
from typing import Any

from conformance.race.checkers.topology import refusal
from conformance.race.engine.caller import Call, Caller, release_together
from conformance.race.engine.history import Record
from conformance.race.operations.project_state import Item
from conformance.verdict.signals import Inconclusive, Unsupported

ASK = "ask"
PREPARE, UNDO = "prepare", "undo"
OVER_QUOTA = "OverQuota"
# Answers of a cloud that has no floating IP: none on this network, not permitted, no such extension, none left
RATIONED = {400, 403, 404, 409}

Refusals = frozenset[tuple[int, str]]  # status and error type
RETRY_SUFFIX = "-again"  # added to a race's name, it is the name of the calls that come after it, one by one
Rule = Callable[[Sequence[Record]], list[str]]


def create(caller: Caller, kind: str, **values: Any) -> Item:
    """Create an object of that kind in the caller's project, and return it.

    Raises Unsupported where the project's quota is too low, after deleting what was created for the race, and
    Inconclusive for other errors.
    """
    singular = kind.removesuffix("s")
    record = caller.call(PREPARE, "POST", f"{caller.network_url}/{kind}", json={singular: values})
    answer = record.answer.get(singular) if isinstance(record.answer, dict) else None
    if refusal(record)[1] == OVER_QUOTA:
        created = [other for other in _own_records(caller) if other.operation == PREPARE and other.ok]
        for other in reversed(created):
            for name, item in (other.answer or {}).items():
                delete_all(caller, f"{name}s", [item["id"]])
        raise Unsupported(f"the project may not have all the {kind} this race takes: raise that, or lower --race-width")
    if not record.ok or not isinstance(answer, dict):
        raise Inconclusive(f"no {singular} to race on could be made: {record.status or record.lost}")
    return answer


def creations(caller: Caller, kind: str, bodies: Sequence[Item]) -> list[Call]:
    """The calls that create an object of that kind of each body."""
    url = f"{caller.network_url}/{kind}"
    return [Call(caller, ASK, "POST", url, {kind.removesuffix("s"): body}) for body in bodies]


def contend(calls: Sequence[Call]) -> None:
    """Release all calls at once; then retry those that were refused, one after the other."""
    for call, record in zip(calls, release_together(calls), strict=True):
        if record.completed and not record.ok:
            call.caller.call(call.operation, call.method, call.url, call.target, json=call.body)


def winners(history: Sequence[Record], kind: str = "") -> list[str]:
    """The ids of the objects that the calls of the race created."""
    answers = [record.answer or {} for record in history if record.operation == ASK and record.ok]
    return [str((answer.get(kind.removesuffix("s")) or answer).get("id")) for answer in answers]


def delete_all(caller: Caller, kind: str, ids: Sequence[str]) -> None:
    """Delete the objects of that kind, whatever the answers."""
    for id_ in ids:
        caller.call(UNDO, "DELETE", f"{caller.network_url}/{kind}/{id_}", id_)


def list_kind(caller: Caller, kind: str) -> None:
    """List the objects of that kind, so that what was answered can be compared with what is kept."""
    caller.call(f"list_{kind}", "GET", f"{caller.network_url}/{kind}?project_id={caller.project}")


def room_for(places: int) -> Rule:
    """Exactly as many calls succeed as there are places."""

    def rule(history: Sequence[Record]) -> list[str]:
        served = len(winners(history))
        return [] if served == places else [f"{served} were served, there was room for {places}"]

    return rule


def others_are_refused_as_documented(refusals: Refusals) -> Rule:
    """All other calls are refused as documented."""

    def rule(history: Sequence[Record]) -> list[str]:
        failed = [record for record in history if record.operation == ASK and record.completed and not record.ok]
        undocumented = {refusal(record) for record in failed} - refusals
        return [f"a caller was refused with {status} {kind or 'of no type'}" for status, kind in sorted(undocumented)]

    return rule


def prefixes(caller: Caller, *, places: int, width: int) -> None:
    """`width` networks race for the `places` prefixes of a pool; then the prefixes are released, and requested again.

    The second requests, one by one, are recorded under the race's name and RETRY_SUFFIX.
    """
    blocks = [f"198.18.{number}.0/28" for number in range(places)]  # not adjacent: each has room for one subnet
    pool = create(caller, "subnetpools", name=caller.name, prefixes=blocks, default_prefixlen=28, min_prefixlen=28)
    networks = [create(caller, "networks", name=caller.name)["id"] for _ in range(width)]
    bodies = [{"network_id": network, "ip_version": 4, "subnetpool_id": pool["id"]} for network in networks]
    contend(creations(caller, "subnets", bodies))
    list_kind(caller, "subnets")
    delete_all(caller, "subnets", winners(_own_records(caller), "subnets"))
    second = caller.within(caller.race + RETRY_SUFFIX)
    for call in creations(second, "subnets", bodies[: places + 1]):
        second.call(call.operation, call.method, call.url, json=call.body)
    delete_all(second, "networks", networks)
    delete_all(second, "subnetpools", [pool["id"]])


def addresses(caller: Caller, *, places: int, width: int) -> None:
    """`width` ports race for the `places` addresses of a subnet."""
    network = create(caller, "networks", name=caller.name)["id"]
    create(
        caller,
        "subnets",
        network_id=network,
        ip_version=4,
        cidr="198.18.0.0/24",
        enable_dhcp=False,
        allocation_pools=[{"start": "198.18.0.10", "end": f"198.18.0.{9 + places}"}],
    )
    contend(creations(caller, "ports", [{"network_id": network, "name": caller.name}] * width))
    list_kind(caller, "ports")
    delete_all(caller, "ports", winners(_own_records(caller), "ports"))
    delete_all(caller, "networks", [network])


def same_prefix(caller: Caller, *, width: int) -> None:
    """`width` subnets of one prefix race for one network."""
    network = create(caller, "networks", name=caller.name)["id"]
    contend(creations(caller, "subnets", [{"network_id": network, "ip_version": 4, "cidr": "198.18.0.0/24"}] * width))
    list_kind(caller, "subnets")
    delete_all(caller, "networks", [network])


def same_interface(caller: Caller, *, width: int) -> None:
    """`width` subnets of one prefix, each on its own network, race for an interface of one router."""
    router = create(caller, "routers", name=caller.name)["id"]
    networks = [create(caller, "networks", name=caller.name)["id"] for _ in range(width)]
    subnets = [
        create(caller, "subnets", network_id=network, ip_version=4, cidr="198.18.0.0/24")["id"] for network in networks
    ]
    url = f"{caller.network_url}/routers/{router}"
    contend([Call(caller, ASK, "PUT", f"{url}/add_router_interface", {"subnet_id": subnet}) for subnet in subnets])
    for subnet in subnets:
        caller.call(UNDO, "PUT", f"{url}/remove_router_interface", subnet, json={"subnet_id": subnet})
    delete_all(caller, "routers", [router])
    delete_all(caller, "networks", networks)


def floating_ips(caller: Caller, network: str, *, width: int) -> None:
    """`width` floating IPs of an external network, asked for at once.

    Raises Unsupported where the cloud gives none to the project.
    """
    records = release_together(creations(caller, "floatingips", [{"floating_network_id": network}] * width))
    list_kind(caller, "floatingips")
    delete_all(caller, "floatingips", winners(records, "floatingips"))
    if not winners(records) and {record.status for record in records} <= RATIONED:
        raise Unsupported(f"no floating IP can be created: {records[0].status} {refusal(records[0])[1]}")


def _own_records(caller: Caller) -> list[Record]:
    return [record for record in caller.history.records if record.race == caller.race]
