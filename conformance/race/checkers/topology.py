"""Invariants of a race for one topology: pure functions of the history, and of the project's state after it.

Each returns the violations, sentences that name the evidence; it holds if there are none.
"""

from collections.abc import Sequence

from conformance.race.checkers.linearizable import Step, describe, evidence, linearizable
from conformance.race.engine.history import Record
from conformance.race.operations.project_state import Item, ProjectState, items_of, owner
from conformance.race.operations.topology import DELETE_TOPOLOGY, GET_TOPOLOGY, answered_id

# Refusals of a call while others temporarily use up prefixes, addresses and segments
DOCUMENTED_REFUSALS = {
    (409, "AutoAllocationFailure"),
    (409, "IpAddressGenerationFailure"),
    (409, "NoVRIDAvailable"),
    (409, "SubnetPoolInUse"),
    (409, "SubnetPoolQuotaExceeded"),
    (503, "NoNetworkAvailable"),
}

INTERFACE_OWNERS = {
    "network:router_interface",
    "network:router_interface_distributed",
    "network:ha_router_replicated_interface",
}
# Ports of the cloud itself, which its agents create and delete
SERVICE_OWNERS = {"network:dhcp", "network:distributed", "network:router_centralized_snat"}


def topology_gets(history: Sequence[Record]) -> list[Record]:
    """The GETs of the topology, lost ones included."""
    return [record for record in history if record.operation == GET_TOPOLOGY]


def last_answered_id(history: Sequence[Record]) -> str | None:
    """The id that was answered last, which must be the one in the final state; None without an answer."""
    ids = [answered_id(record) for record in topology_gets(history) if record.ok]
    return ids[-1] if ids else None


def refusal(record: Record) -> tuple[int, str]:
    """Status (0 for none) and error type of an answer of the Networking API."""
    error = record.answer.get("NeutronError") if isinstance(record.answer, dict) else None
    return record.status or 0, str(error.get("type", "")) if isinstance(error, dict) else ""


def every_answer_names_a_network(history: Sequence[Record]) -> list[str]:
    nameless = [record for record in topology_gets(history) if record.ok and answered_id(record) is None]
    return [f"a {record.status} answer names no network ({record.request_id})" for record in nameless]


def one_id_between_deletes(history: Sequence[Record]) -> list[str]:
    """Some order of GETs and DELETEs explains all answered ids (see `linearizable`)."""
    steps = register_steps(history)
    if linearizable(steps) is not False:
        return []
    return [f"no order of these calls explains their answers: {describe(evidence(steps))}"]


def register_steps(history: Sequence[Record]) -> list[Step]:
    """The calls as steps of the register.

    A GET without an answer is ignored, as its only possible effect is also one of the next GET. A DELETE that was lost,
    or answered with a server error, may be executed at any later time; a refused one has no effect. Times of other
    hosts' clocks are widened by their inaccuracy.
    """
    steps = []
    for record in history:
        began, ended = record.invoked - record.unsure, record.ended + record.unsure
        id_ = answered_id(record) if record.operation == GET_TOPOLOGY and record.ok else None
        if id_:
            steps.append(Step(began, ended, id_))
        elif record.operation == DELETE_TOPOLOGY and record.ok:
            steps.append(Step(began, ended))
        elif record.operation == DELETE_TOPOLOGY and (record.status is None or record.status >= 500):
            steps.append(Step(began, float("inf"), surely=False))
        elif record.operation == DELETE_TOPOLOGY and record.status == 404:
            steps.append(Step(began, ended, surely=False))
    return steps


def no_server_error(history: Sequence[Record]) -> list[str]:
    failed = [
        record
        for record in topology_gets(history)
        if (record.status or 0) >= 500 and refusal(record) not in DOCUMENTED_REFUSALS
    ]
    return [f"a caller was answered {record.status} {refusal(record)[1]} ({record.request_id})" for record in failed]


def refusals_are_documented(history: Sequence[Record]) -> list[str]:
    refusals = {refusal(record) for record in topology_gets(history) if record.completed and not record.ok}
    undocumented = {(status, kind) for status, kind in refusals if 0 < status < 500} - DOCUMENTED_REFUSALS
    return [f"a caller was refused with {status} {kind or 'of no type'}" for status, kind in sorted(undocumented)]


def a_retry_is_served(history: Sequence[Record]) -> list[str]:
    """One more GET after the race succeeds, even where all calls of the race were refused.

    GETs from before the race say nothing of that, nor does one that was lost.
    """
    race_ends = [record.ended for record in topology_gets(history) if record.volley and record.completed]
    answered = [record for record in topology_gets(history) if not record.volley and record.completed]
    retries = [record for record in answered if record.invoked > max(race_ends, default=0.0)]
    if any(record.ok for record in retries):
        return []
    return [f"asking again after the race was answered {refusal(record)[0]} {refusal(record)[1]}" for record in retries]


def deletes_end_well(history: Sequence[Record]) -> list[str]:
    """A DELETE is answered 204, or 404 or 409 where another DELETE came first or is in progress."""
    return [
        f"a DELETE was answered {record.status} {refusal(record)[1]} ({record.request_id})"
        for record in history
        if record.operation == DELETE_TOPOLOGY and record.completed and record.status not in (204, 404, 409)
    ]


def one_network_is_up(history: Sequence[Record], final_state: ProjectState) -> list[str]:
    id_ = last_answered_id(history)
    up = [network["id"] for network in final_state.networks if network.get("admin_state_up") is True]
    if up == [id_]:
        return []
    return [f"network {id_ or '(none)'} was answered, but the project's networks that are up are {up}"]


def no_other_network(history: Sequence[Record], final_state: ProjectState) -> list[str]:
    others = [network for network in final_state.networks if network["id"] != last_answered_id(history)]
    listed = "; ".join(map(_shown, others))
    return [f"{len(others)} more than the network that is answered were left: {listed}"] if others else []


def one_router(_: Sequence[Record], final_state: ProjectState) -> list[str]:
    if len(final_state.routers) == 1:
        return []
    return [f"{len(final_state.routers)} routers are there: {[router['id'] for router in final_state.routers]}"]


def routers_lead_out(_: Sequence[Record], final_state: ProjectState) -> list[str]:
    """Each router is up, and has a gateway on an external network."""
    gateways = {
        router["id"]: (router.get("external_gateway_info") or {}).get("network_id") for router in final_state.routers
    }
    violations = [f"router {router} has no gateway" for router, network in gateways.items() if not network]
    down = [router["id"] for router in final_state.routers if router.get("admin_state_up") is not True]
    return [*violations, *(f"router {router} is down" for router in down)]


def one_subnet_for_each_default_pool(history: Sequence[Record], final_state: ProjectState) -> list[str]:
    expected = sorted(pool["id"] for pool in final_state.default_pools)
    own = [subnet for subnet in final_state.subnets if subnet.get("network_id") == last_answered_id(history)]
    pools = sorted(str(subnet.get("subnetpool_id")) for subnet in own)
    if pools == expected:
        return []
    return [f"the network's subnets are of pools {pools}, the default pools are {expected}"]


def no_other_subnet(history: Sequence[Record], final_state: ProjectState) -> list[str]:
    others = [subnet["id"] for subnet in final_state.subnets if subnet.get("network_id") != last_answered_id(history)]
    return [f"subnet {subnet} was left, of another network" for subnet in others]


def one_interface_for_each_subnet(_: Sequence[Record], final_state: ProjectState) -> list[str]:
    routers = {router["id"] for router in final_state.routers}
    interfaces = sorted(
        address["subnet_id"]
        for port in final_state.ports
        if port.get("device_owner") in INTERFACE_OWNERS and port.get("device_id") in routers
        for address in port.get("fixed_ips", [])
    )
    subnets = sorted(subnet["id"] for subnet in final_state.subnets)
    return (
        [] if interfaces == subnets else [f"router interfaces are on subnets {interfaces}, the subnets are {subnets}"]
    )


def no_other_port(_: Sequence[Record], final_state: ProjectState) -> list[str]:
    """All ports are router interfaces, the cloud's own, or servers'."""
    routers = {router["id"] for router in final_state.routers}
    others = [
        port
        for port in final_state.ports
        if port.get("device_owner") not in SERVICE_OWNERS
        and not str(port.get("device_owner")).startswith("compute:")
        and not (port.get("device_owner") in INTERFACE_OWNERS and port.get("device_id") in routers)
    ]
    return [f"another port was left: {_shown(port)}" for port in others]


def no_floating_ip(_: Sequence[Record], final_state: ProjectState) -> list[str]:
    return [f"floating IP {ip['id']} came along" for ip in final_state.floating_ips]


def duplicates_stay_down(history: Sequence[Record]) -> list[str]:
    """In all lists during the race no network was up but the answered one."""
    looks = [record for record in history if record.operation == "watch_networks"]
    project = looks[0].project if looks else ""
    networks = [network for look in looks for network in items_of(look, "networks") or [] if owner(network) == project]
    up = {network["id"] for network in networks if network.get("admin_state_up") is True}
    return [f"network {network} was up during the race" for network in sorted(up - {last_answered_id(history)})]


def nothing_is_left(_: Sequence[Record], final_state: ProjectState) -> list[str]:
    return [] if final_state.empty else [f"after everything was deleted there are {final_state}"]


def _shown(item: Item) -> str:
    state = {True: "up", False: "down"}.get(bool(item.get("admin_state_up")), "")
    return f"{item['id']} ({state}, {item.get('device_owner') or item.get('name') or 'no name'})"
