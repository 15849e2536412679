"""Every invariant against hand-made histories and inventories, good ones and bad ones."""

from dataclasses import replace
from typing import Any

import pytest

from conformance.race.checkers import servers as servers_must
from conformance.race.checkers import topology as must
from conformance.race.checkers.judge import HistoryRule, StateRule
from conformance.race.engine.history import Record
from conformance.race.operations.project_state import Item, ProjectState, last_state
from conformance.verdict.signals import Inconclusive

OURS = "our-project"


def got(network: Any, start: float = 0.0, end: float | None = 1.0, *, alone: bool = False) -> Record:
    """A GET answered with that network id."""
    body = {"auto_allocated_topology": {"id": network, "project_id": OURS}}
    return Record("r", "get_topology", OURS, start, completed=end, status=200, answer=body, volley=not alone)


def refused(status: int, kind: str, start: float = 0.0, end: float = 1.0, *, alone: bool = False) -> Record:
    answer = {"NeutronError": {"type": kind, "message": "no"}} if kind else None
    return Record("r", "get_topology", OURS, start, completed=end, status=status, answer=answer, volley=not alone)


def lost(operation: str = "get_topology", start: float = 0.0) -> Record:
    return Record("r", operation, OURS, start, volley=True, lost="no answer")


def deleted(start: float, end: float, status: int = 204) -> Record:
    return Record("r", "delete_topology", OURS, start, completed=end, status=status)


def listed(operation: str, kind: str, *items: Item) -> Record:
    return Record("r", operation, OURS, 0.0, completed=1.0, status=200, answer={kind: list(items)})


def network(name: str, up: bool, project: str = OURS) -> Item:
    return {"id": name, "name": "auto_allocated_network", "admin_state_up": up, "project_id": project}


def show(server: str, status: str, start: float = 0.0) -> Record:
    body = {"server": {"id": server, "status": status}}
    return Record("r", "show_server", OURS, start, server, completed=start + 1, status=200, answer=body)


def task(server: str, status: str, name: str | None) -> Record:
    """What is shown of a server with that task, later than `dismissed`."""
    look = show(server, status, 2.0)
    look.answer["server"]["OS-EXT-STS:task_state"] = name
    return look


def dismissed(server: str) -> Record:
    return Record("r", "delete_server", OURS, 0.0, server, completed=1.0, status=204)


def interfaces(server: str, *networks: str, status: int = 200) -> Record:
    body = {"interfaceAttachments": [{"net_id": network} for network in networks]}
    return Record("r", "list_interfaces", OURS, 0.0, server, completed=1.0, status=status, answer=body)


def created(status: int) -> Record:
    return Record("r", "create_servers", OURS, 0.0, completed=1.0, status=status)


HAPPENED: list[tuple[HistoryRule, list[Record], int]] = [
    # names a network
    (must.every_answer_names_a_network, [got("a"), refused(409, "AutoAllocationFailure"), lost()], 0),
    (must.every_answer_names_a_network, [got("a"), got(None)], 1),
    (must.every_answer_names_a_network, [got(""), got(5)], 2),
    (must.every_answer_names_a_network, [replace(got("a"), answer=None)], 1),
    # one id between deletes
    (must.one_id_between_deletes, [got("a"), got("a"), got("a", 5, 6)], 0),
    (must.one_id_between_deletes, [got("a"), got("b")], 1),
    (must.one_id_between_deletes, [got("a"), got("b"), got("b"), lost()], 1),
    (must.one_id_between_deletes, [got("a", 0, 1), deleted(2, 3), got("b", 4, 5)], 0),
    (must.one_id_between_deletes, [got("a", 0, 1), deleted(2, 3), got("a", 4, 5)], 1),
    (must.one_id_between_deletes, [got("a", 0, 1), deleted(2, 3, status=409), got("a", 4, 5)], 0),
    (must.one_id_between_deletes, [got("a", 0, 1), deleted(2, 3, status=409), got("b", 4, 5)], 1),
    (must.one_id_between_deletes, [got("a", 0, 3), deleted(2, 5), got("b", 4, 6), got("a", 2.5, 3.5)], 0),
    (must.one_id_between_deletes, [got("a", 0, 1), got("b", 2, 3), deleted(4, 5)], 1),  # the DELETE came too late
    (must.one_id_between_deletes, [got("a", 0, 1), lost("delete_topology", 0.5), got("b", 8, 9)], 0),
    (must.one_id_between_deletes, [got("a", 0, 9), deleted(2, 3), got("a", 1, 9)], 0),  # both may have been before it
    # no server error
    (must.no_server_error, [got("a"), refused(409, "AutoAllocationFailure"), lost()], 0),
    (must.no_server_error, [refused(503, "NoNetworkAvailable")], 0),
    (must.no_server_error, [refused(503, "")], 1),
    (must.no_server_error, [got("a"), refused(500, "HTTPInternalServerError"), refused(504, "")], 2),
    # documented refusals
    (must.refusals_are_documented, [got("a"), refused(409, "SubnetPoolInUse"), lost()], 0),
    (must.refusals_are_documented, [refused(409, "NetworkInUse"), refused(409, "NetworkInUse")], 1),
    (must.refusals_are_documented, [refused(404, "AutoAllocationFailure"), refused(401, "")], 2),
    # a retry is served
    (must.a_retry_is_served, [got("a"), got("a", 2, 3, alone=True)], 0),
    (must.a_retry_is_served, [refused(409, "SubnetPoolInUse"), got("a", 2, 3, alone=True)], 0),
    (must.a_retry_is_served, [got("a"), refused(409, "SubnetPoolInUse", 2, 3, alone=True)], 1),
    # before the race's end, or lost: it says nothing
    (must.a_retry_is_served, [got("a", 0, 4), got("a", 2, 3, alone=True)], 0),
    (must.a_retry_is_served, [got("a", alone=True), got("a", 2, 3), replace(lost(start=4), volley=False)], 0),
    (must.a_retry_is_served, [got("a", alone=True), refused(409, ""), refused(409, "", 2, 3, alone=True)], 1),
    # deletes
    (must.deletes_end_well, [deleted(0, 1), deleted(0, 1, 404), deleted(0, 1, 409), lost("delete_topology")], 0),
    (must.deletes_end_well, [deleted(0, 1), deleted(0, 1, 500), deleted(0, 1, 403), refused(500, "")], 2),
    (must.deletes_end_well, [deleted(0, 1), deleted(0, 1, 200)], 1),
    # duplicates stay down
    (
        must.duplicates_stay_down,
        [got("a"), listed("watch_networks", "networks", network("a", True), network("b", False))],
        0,
    ),
    (must.duplicates_stay_down, [got("a"), listed("watch_networks", "networks", network("b", True, "theirs"))], 0),
    (must.duplicates_stay_down, [got("a"), lost("watch_networks")], 0),
    (
        must.duplicates_stay_down,
        [
            got("a"),
            listed("watch_networks", "networks", network("b", True)),
            listed("watch_networks", "networks", network("a", True)),
        ],
        1,
    ),
    # servers
    (servers_must.the_request_is_accepted, [created(202)], 0),
    (servers_must.the_request_is_accepted, [created(409)], 1),
    (servers_must.all_are_listed_at_once, [listed("list_servers", "servers", {}, {}, {})], 0),
    (servers_must.all_are_listed_at_once, [listed("list_servers", "servers", {}, {})], 1),
    (servers_must.all_are_listed_at_once, [replace(listed("list_servers", "servers"), status=500)], 1),
    (servers_must.no_server_is_left, [listed("list_servers", "servers", {}), listed("list_servers", "servers")], 0),
    (servers_must.no_server_is_left, [listed("list_servers", "servers"), listed("list_servers", "servers", {})], 1),
    (servers_must.none_fails, [show("s", "BUILD"), show("s", "ACTIVE", 2), show("t", "BUILD")], 0),
    (servers_must.none_fails, [show("s", "BUILD"), show("s", "ERROR", 2), show("t", "ACTIVE")], 1),
    (servers_must.none_fails, [show("s", "ACTIVE"), replace(show("t", "BUILD"), status=404, answer=None)], 1),
    (servers_must.none_fails, [show("s", "BUILD"), replace(lost("show_server"), target="s")], 0),
    (servers_must.all_share_the_network, [got("a"), interfaces("s", "a"), interfaces("t", "a")], 0),
    (servers_must.all_share_the_network, [got("a"), interfaces("s", "a"), interfaces("t", "b")], 1),
    (
        servers_must.all_share_the_network,
        [got("a"), show("s", "ACTIVE"), interfaces("s"), interfaces("t", "a", "a")],
        2,
    ),
    (servers_must.all_share_the_network, [got("a"), show("s", "ACTIVE"), interfaces("s", "a", status=500)], 1),
    (servers_must.all_share_the_network, [got("a"), show("s", "BUILD"), interfaces("s"), interfaces("t")], 0),
    # after its DELETE
    (
        servers_must.deleted_servers_go,
        [dismissed("s"), task("s", "ACTIVE", "deleting"), task("s", "ERROR", "deleting")],
        0,
    ),
    (servers_must.deleted_servers_go, [task("s", "ACTIVE", None), dismissed("t"), task("u", "ACTIVE", None)], 0),
    (servers_must.deleted_servers_go, [dismissed("s"), task("s", "ACTIVE", None)], 1),
    (servers_must.deleted_servers_go, [dismissed("s"), replace(task("s", "", None), status=410, answer=None)], 1),
    (servers_must.deleted_servers_go, [replace(dismissed("s"), status=409), task("s", "ACTIVE", None)], 0),
]


@pytest.mark.parametrize(("invariant", "history", "violations"), HAPPENED)
def test_rules_on_histories(invariant: HistoryRule, history: list[Record], violations: int) -> None:
    assert len(invariant(history)) == violations


def port(name: str, owner: str, device: str, *addresses: tuple[str, str]) -> Item:
    fixed_ips = [{"subnet_id": subnet, "ip_address": address} for subnet, address in addresses]
    return {"id": name, "device_owner": owner, "device_id": device, "fixed_ips": fixed_ips}


EXACT = ProjectState(
    networks=[network("a", True)],
    subnets=[
        {"id": "s4", "network_id": "a", "subnetpool_id": "p4"},
        {"id": "s6", "network_id": "a", "subnetpool_id": "p6"},
    ],
    routers=[{"id": "r", "admin_state_up": True, "external_gateway_info": {"network_id": "public"}}],
    ports=[
        port("i4", "network:router_interface", "r", ("s4", "10.0.0.1")),
        port("i6", "network:router_interface_distributed", "r", ("s6", "fd00::1")),
        port("d", "network:dhcp", "agent", ("s4", "10.0.0.2")),
        port("c1", "compute:nova", "s", ("s4", "10.0.0.5"), ("s6", "fd00::5")),
        port("c2", "compute:nova", "t", ("s4", "10.0.0.6"), ("s6", "fd00::6")),
    ],
    default_pools=[{"id": "p4"}, {"id": "p6"}],
)
TWO_SERVERS = [got("a"), interfaces("s", "a"), interfaces("t", "a")]
EMPTY = ProjectState([], [], [], [], [{"id": "p4"}])


def having(**changes: list[Item]) -> ProjectState:
    """The exact inventory with other objects of some kinds."""
    return replace(EXACT, **changes)


def also(kind: str, *items: Item) -> ProjectState:
    """The exact inventory with more objects of a kind."""
    return replace(EXACT, **{kind: [*getattr(EXACT, kind), *items]})


ROUTER = EXACT.routers[0]
LEFT: list[tuple[StateRule, ProjectState, int]] = [
    (must.one_network_is_up, EXACT, 0),
    (must.one_network_is_up, also("networks", network("b", False)), 0),
    (must.one_network_is_up, also("networks", network("b", True)), 1),
    (must.one_network_is_up, having(networks=[network("a", False)]), 1),
    (must.one_network_is_up, having(networks=[network("b", True)]), 1),
    (must.one_network_is_up, EMPTY, 1),
    (must.no_other_network, EXACT, 0),
    (must.no_other_network, also("networks", network("b", False), network("c", True)), 1),
    (must.one_router, EXACT, 0),
    (must.one_router, also("routers", {**ROUTER, "id": "r2"}), 1),
    (must.one_router, EMPTY, 1),
    (must.routers_lead_out, EXACT, 0),
    (must.routers_lead_out, having(routers=[{**ROUTER, "external_gateway_info": None}]), 1),
    (must.routers_lead_out, having(routers=[{"id": "r", "admin_state_up": False}]), 2),
    (must.one_subnet_for_each_default_pool, EXACT, 0),
    (must.one_subnet_for_each_default_pool, also("subnets", {"id": "s", "network_id": "b", "subnetpool_id": "p4"}), 0),
    (must.one_subnet_for_each_default_pool, also("subnets", {"id": "s", "network_id": "a", "subnetpool_id": "p4"}), 1),
    (must.one_subnet_for_each_default_pool, having(subnets=EXACT.subnets[:1]), 1),
    (must.one_subnet_for_each_default_pool, having(default_pools=[{"id": "p4"}]), 1),
    (must.no_other_subnet, EXACT, 0),
    (must.no_other_subnet, also("subnets", {"id": "s", "network_id": "b", "subnetpool_id": "p4"}), 1),
    (must.one_interface_for_each_subnet, EXACT, 0),
    (must.one_interface_for_each_subnet, having(ports=EXACT.ports[1:]), 1),
    (must.one_interface_for_each_subnet, also("ports", {**EXACT.ports[0], "id": "again"}), 1),
    (must.no_other_port, EXACT, 0),
    (must.no_other_port, also("ports", port("x", "", "")), 1),
    (must.no_other_port, also("ports", port("x", "network:router_interface", "gone", ("s4", "10.0.0.9"))), 1),
    (servers_must.one_port_for_each_server, EXACT, 0),
    (servers_must.one_port_for_each_server, having(ports=EXACT.ports[:-1]), 1),
    (servers_must.one_port_for_each_server, also("ports", port("c3", "compute:nova", "t", ("s4", "10.0.0.7"))), 1),
    (servers_must.one_port_for_each_server, also("ports", port("c3", "compute:nova", "u")), 2),
    (
        servers_must.one_port_for_each_server,
        having(ports=[*EXACT.ports[:-1], port("c2", "compute:nova", "t", ("s4", "10.0.0.5"))]),
        1,
    ),
    (must.no_floating_ip, EXACT, 0),
    (must.no_floating_ip, also("floating_ips", {"id": "f", "floating_ip_address": "192.0.2.1"}), 1),
    (must.nothing_is_left, replace(EMPTY, floating_ips=[{"id": "f"}]), 1),
    (must.nothing_is_left, EMPTY, 0),
    (must.nothing_is_left, replace(EMPTY, ports=[port("x", "", "")]), 1),
]


def test_effects_of_builds_are_judged_once_builds_have_ended() -> None:
    rule = servers_must.once_built(servers_must.one_port_for_each_server)
    assert rule([show("t", "BUILD"), *TWO_SERVERS], EMPTY) == []
    assert rule([show("t", "ACTIVE"), *TWO_SERVERS], EMPTY)


@pytest.mark.parametrize(("invariant", "remaining", "violations"), LEFT)
def test_rules_on_leftovers(invariant: StateRule, remaining: ProjectState, violations: int) -> None:
    assert len(invariant(TWO_SERVERS, remaining)) == violations


POOLS = [{"id": "p", "is_default": True, "project_id": "it"}, {"id": "q", "is_default": False, "project_id": "it"}]


def test_the_inventory_is_the_last_one_and_the_projects_own() -> None:
    empty = [listed(f"list_{kind}", kind) for kind in ("networks", "subnets", "routers", "ports")]
    pools = listed("list_subnetpools", "subnetpools", *POOLS)
    foreign = {"id": "n2", "tenant_id": "theirs"}
    later = listed("list_networks", "networks", {"id": "n1", "tenant_id": OURS}, foreign)
    state = last_state([*empty, pools, later, listed("watch_networks", "networks")])
    assert [item["id"] for item in state.networks] == ["n1"]
    assert [item["id"] for item in state.default_pools] == ["p"]
    assert str(state) == "1 networks, 0 subnets, 0 routers, 0 ports, 0 floating ips"


def test_floating_ips_are_what_the_last_list_of_them_shows_if_there_is_one() -> None:
    lists = [listed(f"list_{kind}", kind) for kind in ("networks", "subnets", "routers", "ports", "subnetpools")]
    assert last_state(lists).floating_ips == []
    ours, foreign = {"id": "f", "project_id": OURS}, {"id": "g", "project_id": "theirs"}
    look = listed("list_floatingips", "floatingips", ours, foreign)
    assert last_state([*lists, look]).floating_ips == [ours]
    assert last_state([*lists, replace(look, status=404)]).floating_ips == []
    with pytest.raises(Inconclusive, match="listing the floatingips answered 500"):
        last_state([*lists, replace(look, status=500)])


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (replace(listed("list_networks", "networks"), status=503), "listing the networks answered 503"),
        (lost("list_networks"), "listing the networks answered no answer"),
        (replace(listed("list_networks", "networks"), answer={}), "listing the networks answered 200"),
        (
            replace(listed("list_networks", "networks"), answer={"networks": ["n1"]}),
            "listing the networks answered 200",
        ),
        (listed("list_networks", "networks", {"id": "n1"}), "answered some without saying whose they are"),
        (lost("list_ports"), "the networks were not listed"),
    ],
)
def test_without_its_lists_there_is_no_inventory(record: Record, why: str) -> None:
    with pytest.raises(Inconclusive, match=why):
        last_state([record])
