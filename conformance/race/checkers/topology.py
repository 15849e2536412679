"""What must hold of a race for one topology, whoever won: pure functions of what happened, or of that and what is left.

Each answers a list of breaches, sentences that name the evidence; an empty one means that it held.
"""

from collections.abc import Sequence

from conformance.race.checkers.linearizable import Step, describe, evidence, linearizable
from conformance.race.engine.history import Record
from conformance.race.operations.project_state import Item, ProjectState, items_of, owner
from conformance.race.operations.topology import DELETE_TOPOLOGY, GET_TOPOLOGY, answered_id

# What a racer may be refused with while the others hold prefixes, addresses and segments that they give back
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
# The cloud's own ports, which come and go with its agents
SERVICE_OWNERS = {"network:dhcp", "network:distributed", "network:router_centralized_snat"}


def topology_gets(history: Sequence[Record]) -> list[Record]:
    """The calls for the topology, lost ones included."""
    return [record for record in history if record.operation == GET_TOPOLOGY]


def last_answered_id(history: Sequence[Record]) -> str | None:
    """The id that was answered last: the one that the inventory is held against."""
    ids = [answered_id(record) for record in topology_gets(history) if record.ok]
    return ids[-1] if ids else None


def refusal(record: Record) -> tuple[int | None, str]:
    """Status and error type of an answer of the Networking API."""
    error = record.answer.get("NeutronError") if isinstance(record.answer, dict) else None
    return record.status, str(error.get("type", "")) if isinstance(error, dict) else ""


def every_answer_names_a_network(history: Sequence[Record]) -> list[str]:
    nameless = [record for record in topology_gets(history) if record.ok and answered_id(record) is None]
    return [f"a {record.status} answer names no network ({record.request_id})" for record in nameless]


def one_id_between_deletes(history: Sequence[Record]) -> list[str]:
    """A project's topology is a register that GETs fill and DELETEs clear: some order of the calls explains all ids."""
    steps = register_steps(history)
    if linearizable(steps) is not False:
        return []
    return [f"no order of these calls explains their answers: {describe(evidence(steps))}"]


def register_steps(history: Sequence[Record]) -> list[Step]:
    """The calls that the register knows of, by what their answers say of it.

    A GET without an answer is none of them: all it can have done is what the next GET does. A DELETE that was lost, or
    failed in the service, may happen until the end; one that was refused has changed nothing. Where clocks of several
    hosts are compared, a call began and ended some time about when they say.
    """
    steps = []
    for record in history:
        began, ended = record.invoked - record.unsure, record.ended + record.unsure
        answered = answered_id(record) if record.operation == GET_TOPOLOGY and record.ok else None
        if answered:
            steps.append(Step(began, ended, answered))
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
    refused = {refusal(record) for record in topology_gets(history) if record.completed and not record.ok}
    unknown = {(status, kind) for status, kind in refused if status and status < 500} - DOCUMENTED_REFUSALS
    return [f"a caller was refused with {status} {kind or 'of no type'}" for status, kind in sorted(unknown)]


def a_retry_is_served(history: Sequence[Record]) -> list[str]:
    """After the race, one more call is answered, whatever befell the racers; they may all have been refused."""
    raced = [record.ended for record in topology_gets(history) if record.volley and record.completed]
    later = [record for record in topology_gets(history) if not record.volley and record.completed]
    if any(record.ok for record in later if record.invoked > max(raced, default=0.0)):
        return []
    return [f"asking again after the race was answered {refusal(record)[0]} {refusal(record)[1]}" for record in later]


def deletes_end_well(history: Sequence[Record]) -> list[str]:
    """With 204, or with the word that it is gone already or in use by a twin."""
    done = [record for record in history if record.operation == DELETE_TOPOLOGY and record.completed]
    odd = [record for record in done if record.status not in (204, 404, 409)]
    return [f"a DELETE was answered {record.status} {refusal(record)[1]} ({record.request_id})" for record in odd]


def one_network_is_up(history: Sequence[Record], left: ProjectState) -> list[str]:
    answered = last_answered_id(history)
    up = [network["id"] for network in left.networks if network.get("admin_state_up") is True]
    if up == [answered]:
        return []
    return [f"network {answered or '(none)'} was answered, but the project's networks that are up are {up}"]


def no_other_network(history: Sequence[Record], left: ProjectState) -> list[str]:
    others = [network for network in left.networks if network["id"] != last_answered_id(history)]
    return [f"another network was left: {_shown(network)}" for network in others]


def one_router(_: Sequence[Record], left: ProjectState) -> list[str]:
    if len(left.routers) == 1:
        return []
    return [f"{len(left.routers)} routers are there: {[router['id'] for router in left.routers]}"]


def routers_lead_out(_: Sequence[Record], left: ProjectState) -> list[str]:
    """Up, with a gateway on an external network."""
    gateways = {router["id"]: (router.get("external_gateway_info") or {}).get("network_id") for router in left.routers}
    violations = [f"router {router} has no gateway" for router, network in gateways.items() if not network]
    down = [router["id"] for router in left.routers if router.get("admin_state_up") is not True]
    return [*violations, *(f"router {router} is down" for router in down)]


def one_subnet_for_each_default_pool(history: Sequence[Record], left: ProjectState) -> list[str]:
    wanted = sorted(pool["id"] for pool in left.default_pools)
    own = [subnet for subnet in left.subnets if subnet.get("network_id") == last_answered_id(history)]
    found = sorted(str(subnet.get("subnetpool_id")) for subnet in own)
    return [] if found == wanted else [f"the network's subnets are of pools {found}, the default pools are {wanted}"]


def no_other_subnet(history: Sequence[Record], left: ProjectState) -> list[str]:
    others = [subnet["id"] for subnet in left.subnets if subnet.get("network_id") != last_answered_id(history)]
    return [f"subnet {subnet} was left, of another network" for subnet in others]


def one_interface_for_each_subnet(_: Sequence[Record], left: ProjectState) -> list[str]:
    routers = {router["id"] for router in left.routers}
    plugged = sorted(
        address["subnet_id"]
        for port in left.ports
        if port.get("device_owner") in INTERFACE_OWNERS and port.get("device_id") in routers
        for address in port.get("fixed_ips", [])
    )
    wanted = sorted(subnet["id"] for subnet in left.subnets)
    return [] if plugged == wanted else [f"router interfaces are on subnets {plugged}, the subnets are {wanted}"]


def no_other_port(_: Sequence[Record], left: ProjectState) -> list[str]:
    """Beside router interfaces and the cloud's own, only servers have ports."""
    routers = {router["id"] for router in left.routers}
    strays = [
        port
        for port in left.ports
        if port.get("device_owner") not in SERVICE_OWNERS
        and not str(port.get("device_owner")).startswith("compute:")
        and not (port.get("device_owner") in INTERFACE_OWNERS and port.get("device_id") in routers)
    ]
    return [f"another port was left: {_shown(port)}" for port in strays]


def duplicates_stay_down(history: Sequence[Record]) -> list[str]:
    """Of all that was seen during the race, no network but the answered one was ever up."""
    looks = [record for record in history if record.operation == "watch_networks"]
    seen = [network for look in looks for network in items_of(look, "networks") or []]
    up = {network["id"] for network in seen if network.get("admin_state_up") is True and owner(network) == _who(looks)}
    return [f"network {network} was up during the race" for network in sorted(up - {last_answered_id(history)})]


def nothing_is_left(_: Sequence[Record], left: ProjectState) -> list[str]:
    return [] if left.empty else [f"after everything was deleted there are {left}"]


def _who(history: Sequence[Record]) -> str:
    return history[0].project if history else ""


def _shown(item: Item) -> str:
    state = {True: "up", False: "down"}.get(bool(item.get("admin_state_up")), "")
    return f"{item['id']} ({state}, {item.get('device_owner') or item.get('name') or 'no name'})"
