"""The witness of all answers sees nothing in right answers, and each wrong value in whichever answer it shows."""

from typing import Any

import pytest

from conformance.answers.witness import REQUIREMENTS
from conformance.requirements import registry
from conformance.tests.witnessed_calls import (
    ACTION,
    BOOT,
    BUILDING,
    COMPUTE,
    MINE,
    NET,
    NETWORK,
    SERVER,
    SUBNET,
    THEIRS,
    TOKEN,
    Calls,
    Story,
    shown,
)


def right_life(calls: Calls) -> None:
    calls.network()
    calls(f"PUT {NETWORK}/networks/n1", shown("network", NET, name="b"), 200, {"network": {"name": "b"}})
    calls(f"GET {NETWORK}/networks?name=b", {"networks": [{**NET, "name": "b"}]})
    calls(f"DELETE {NETWORK}/networks/n1", None, 204)
    calls(f"GET {NETWORK}/networks", {"networks": []})


def refused_change(calls: Calls) -> None:
    calls.network()
    calls(f"PUT {NETWORK}/networks/n1", {"NeutronError": {}}, 403, {"network": {"name": "b"}})
    calls(f"GET {NETWORK}/networks/n1", shown("network", NET))


def lost_change(calls: Calls) -> None:
    calls.network()
    calls(f"PUT {NETWORK}/networks/n1", None, 0, {"network": {"name": "b"}})
    calls(f"GET {NETWORK}/networks/n1", shown("network", NET, name="b"))
    calls(f"GET {NETWORK}/networks/n1", shown("network", NET))


def overlapping_read(calls: Calls) -> None:
    calls.network()
    body = {"network": {"name": "b"}}
    calls(f"PUT {NETWORK}/networks/n1", shown("network", NET, name="b"), 200, body, at=(50, 55))
    calls(f"GET {NETWORK}/networks/n1", shown("network", NET), at=(51, 52))
    calls(f"GET {NETWORK}/networks", {"networks": [{**NET, "name": "b"}]}, at=(56, 57))


def read_before_delete_ended(calls: Calls) -> None:
    calls.network()
    calls(f"DELETE {NETWORK}/networks/n1", None, 204, at=(50, 60))
    calls(f"GET {NETWORK}/networks", {"networks": [NET]}, at=(55, 65))


def servers_of_one_request(calls: Calls) -> None:
    boot = {**BOOT, "min_count": 2}
    calls(f"POST {COMPUTE}/servers", {"server": {"id": "v1"}}, 202, {"server": boot})
    calls(f"GET {COMPUTE}/servers", {"servers": [{"id": "v1", "name": "web-1"}, {"id": "v2", "name": "web-2"}]})


def soft_deleted(calls: Calls) -> None:
    calls.server()
    calls(f"DELETE {COMPUTE}/servers/v1", None, 204)
    soft_deleted = {"status": "SOFT_DELETED", "OS-EXT-STS:vm_state": "soft-delete"}
    calls(f"GET {COMPUTE}/servers/v1", shown("server", SERVER, **soft_deleted))
    calls(f"GET {COMPUTE}/servers/v1", {"itemNotFound": {}}, 404)


def deleted_while_building(calls: Calls) -> None:
    """Not even the task need show it."""
    building = {"status": "BUILD", "OS-EXT-STS:vm_state": "building"}
    calls.server(**building)
    calls(f"DELETE {COMPUTE}/servers/v1", None, 204)
    calls(f"GET {COMPUTE}/servers/v1", shown("server", SERVER, **building))


def fails(calls: Calls) -> None:
    failed = {"status": "ERROR", "OS-EXT-STS:vm_state": "error", "fault": {"code": 500}}
    calls.server(**failed)


def topology_again(calls: Calls) -> None:
    url = f"{NETWORK}/auto-allocated-topology/{MINE}"
    calls(f"GET {url}", {"auto_allocated_topology": {"id": "n1", "project_id": MINE, "tenant_id": MINE}})
    calls(f"DELETE {url}", None, 204)
    calls(f"GET {url}", {"auto_allocated_topology": {"id": "n2", "project_id": MINE, "tenant_id": MINE}})
    calls(f"GET {NETWORK}/networks", {"networks": [{"id": "n2"}]})


def shared_by_another(calls: Calls) -> None:
    """A policy shares the network with its own project, too; another user sees less of it."""
    calls.network()
    calls(f"GET {NETWORK}/networks/n1", shown("network", NET, shared=True))
    calls(f"GET {NETWORK}/networks/n1", shown("network", NET, **{"router:external": True}))


def strange_answers(calls: Calls) -> None:
    answers: tuple[Any, ...] = (
        [],
        {"networks": [1, None, {"id": None}, {"id": 3}]},
        {"network": []},
        "text",
        {"networks": {}},
    )
    for answer in answers:
        calls(f"GET {NETWORK}/networks", answer)
        calls(f"POST {NETWORK}/networks", answer, 201, answer)
    calls(f"POST {NETWORK}/subnets", {"subnet": {"id": "s9", "cidr": 7}}, 201, {"subnet": {"prefixes": 3}})


def interface_that_takes_its_time(calls: Calls) -> None:
    """Taking one away is accepted, and done later; the port may be plugged in again."""
    calls.server()
    calls(f"DELETE {COMPUTE}/servers/v1/os-interface/p1", status=202)
    calls(f"GET {COMPUTE}/servers/v1/os-interface", {"interfaceAttachments": [{"port_id": "p1"}]})


def tried_on_two_hosts(calls: Calls) -> None:
    """The host may change until the build has ended."""
    calls.server(**BUILDING, hostId="")
    for host in ("h1", "h2"):
        calls(f"GET {COMPUTE}/servers/v1", shown("server", SERVER, **BUILDING, hostId=host))
    calls(f"GET {COMPUTE}/servers/v1", shown("server", SERVER, hostId="h2"))


def action_that_goes_on(calls: Calls) -> None:
    calls.server()
    event = {"start_time": "2026-01-01T00:00:01.000000", "finish_time": None}
    calls(f"GET {COMPUTE}/servers/v1/os-instance-actions/req-1", {"instanceAction": {**ACTION, "events": [event]}})


RIGHT: tuple[Story, ...] = (
    right_life,
    tried_on_two_hosts,
    action_that_goes_on,
    interface_that_takes_its_time,
    refused_change,
    lost_change,
    overlapping_read,
    read_before_delete_ended,
    servers_of_one_request,
    soft_deleted,
    deleted_while_building,
    fails,
    topology_again,
    shared_by_another,
)


@pytest.mark.parametrize("story", RIGHT)
def test_right_answers_have_no_violation_for_the_witness(story: Story) -> None:
    calls = Calls()
    story(calls)
    assert calls.red == {}


def test_malformed_answers_are_ignored() -> None:
    calls = Calls()
    strange_answers(calls)
    assert set(calls.red) <= {"N-OBJ-002"}  # of a prefix that is none


def network_of_another(calls: Calls) -> None:
    calls.network(project_id=THEIRS)


def network_renamed(calls: Calls) -> None:
    calls.network()
    calls(f"GET {NETWORK}/networks", {"networks": [{"id": "n1", "name": "z"}]})


def change_not_kept(calls: Calls) -> None:
    calls.network()
    calls(f"PUT {NETWORK}/networks/n1", shown("network", NET, name="b"), 200, {"network": {"name": "b"}})
    calls(f"GET {NETWORK}/networks/n1", shown("network", NET))


def another_was_asked_for(calls: Calls) -> None:
    calls(f"GET {NETWORK}/networks/n1", shown("network", NET, id="n2"))


def made_long_ago(calls: Calls) -> None:
    calls.network(created_at="2016-01-01T00:00:00Z")


def owner_changes(calls: Calls) -> None:
    """The owner changes an object that the cloud has made."""
    calls(f"GET {NETWORK}/subnets", {"subnets": [SUBNET]})
    calls(f"GET {NETWORK}/subnets", {"subnets": [{**SUBNET, "project_id": THEIRS}]})


def revision_falls(calls: Calls) -> None:
    calls(f"GET {NETWORK}/networks/n1", shown("network", NET, revision_number=4))
    calls(f"GET {NETWORK}/networks/n1", shown("network", NET, revision_number=3))


def revision_falls_and_is_heard_of_late(calls: Calls) -> None:
    calls(f"GET {NETWORK}/networks/n1", shown("network", NET, revision_number=3), at=(30, 31))
    calls(f"GET {NETWORK}/networks/n1", shown("network", NET, revision_number=4), at=(20, 21))


def network_comes_back(calls: Calls) -> None:
    calls.network()
    calls(f"DELETE {NETWORK}/networks/n1", None, 204)
    calls(f"GET {NETWORK}/networks", {"networks": [NET]})


def list_is_heard_before_the_delete(calls: Calls) -> None:
    calls(f"GET {NETWORK}/networks", {"networks": [NET]}, at=(20, 21))
    calls(f"DELETE {NETWORK}/networks/n1", None, 204, at=(10, 11))
    calls(f"GET {NETWORK}/networks", {"networks": [NET]}, at=(9, 10))


def topology_stays(calls: Calls) -> None:
    url = f"{NETWORK}/auto-allocated-topology/{MINE}"
    calls(f"GET {url}", {"auto_allocated_topology": {"id": "n1", "project_id": MINE, "tenant_id": MINE}})
    calls(f"DELETE {url}", None, 204)
    calls(f"GET {NETWORK}/networks", {"networks": [{"id": "n1"}]})


def topology_of_another(calls: Calls) -> None:
    url = f"{NETWORK}/auto-allocated-topology/None"
    calls(f"GET {url}", {"auto_allocated_topology": {"id": "n1", "project_id": THEIRS, "tenant_id": MINE}})


def server_of_another_user(calls: Calls) -> None:
    calls.server(user_id="user-2")


def server_of_another_image(calls: Calls) -> None:
    calls.server(image={"id": "i2", "links": []})


def server_goes_back_in_time(calls: Calls) -> None:
    calls.server()
    calls(f"GET {COMPUTE}/servers/v1", shown("server", SERVER, updated="2026-01-01T00:00:00Z"))


def server_comes_back(calls: Calls) -> None:
    calls.server()
    calls(f"DELETE {COMPUTE}/servers/v1", None, 204)
    calls(f"GET {COMPUTE}/servers/v1", {"itemNotFound": {}}, 404)
    calls(f"GET {COMPUTE}/servers", {"servers": [{"id": "v1", "name": "web"}]})


def delete_does_not_show(calls: Calls) -> None:
    calls.server()
    calls(f"DELETE {COMPUTE}/servers/v1", None, 204)
    calls(f"GET {COMPUTE}/servers/v1", shown("server", SERVER))


def address_while_building(calls: Calls) -> None:
    building = {"status": "BUILD", "OS-EXT-STS:vm_state": "building"}
    calls.server(**building, addresses={"n": [{"addr": "10.0.0.3"}]})


def fault_of_a_running_server(calls: Calls) -> None:
    calls.server(fault={"code": 500})


def interface_of_another_network(calls: Calls) -> None:
    calls(f"GET {NETWORK}/ports", {"ports": [{"id": "p1", "network_id": "n1", "mac_address": "fa:16:3e:00:00:01"}]})
    interface = {"port_id": "p1", "net_id": "n2", "mac_addr": "fa:16:3e:00:00:01"}
    calls(f"GET {COMPUTE}/servers/v1/os-interface", {"interfaceAttachments": [interface]})


def host_changes(calls: Calls) -> None:
    calls.server(hostId="h1")
    calls(f"GET {COMPUTE}/servers/v1", shown("server", SERVER, hostId="h2"))


def action_is_updated_before_it_starts(calls: Calls) -> None:
    action = {**ACTION, "updated_at": "2025-01-01T00:00:00.000000"}
    calls(f"GET {COMPUTE}/servers/v1/os-instance-actions", {"instanceActions": [action]})


def event_ends_before_it_starts(calls: Calls) -> None:
    event = {"start_time": "2026-01-01T00:00:01.000000", "finish_time": "2025-01-01T00:00:00.000000"}
    calls(f"GET {COMPUTE}/servers/v1/os-instance-actions/req-1", {"instanceAction": {**ACTION, "events": [event]}})


WRONG: dict[Story, str] = {
    host_changes: "C-OBJ-006",
    action_is_updated_before_it_starts: "C-OBJ-003",
    event_ends_before_it_starts: "C-OBJ-003",
    network_of_another: "N-OBJ-001",
    network_renamed: "N-OBJ-001",
    change_not_kept: "N-OBJ-001",
    another_was_asked_for: "N-OBJ-001",
    made_long_ago: "N-OBJ-001",
    owner_changes: "N-OBJ-011",
    revision_falls: "N-OBJ-012",
    revision_falls_and_is_heard_of_late: "N-OBJ-012",
    network_comes_back: "N-OBJ-013",
    list_is_heard_before_the_delete: "N-OBJ-013",
    topology_stays: "N-OBJ-013",
    topology_of_another: "N-OBJ-010",
    server_of_another_user: "C-OBJ-001",
    server_of_another_image: "C-OBJ-001",
    interface_of_another_network: "C-OBJ-002",
    server_goes_back_in_time: "C-OBJ-007",
    server_comes_back: "C-OBJ-008",
    delete_does_not_show: "C-OBJ-009",
    address_while_building: "C-OBJ-010",
    fault_of_a_running_server: "C-OBJ-011",
}


@pytest.mark.parametrize(("story", "requirement"), WRONG.items())
def test_each_wrong_answer_has_one_violation(story: Story, requirement: str) -> None:
    calls = Calls()
    story(calls)
    assert set(calls.red) == {requirement}
    assert TOKEN not in str(calls.red)


def test_all_judged_requirements_are_in_the_registry() -> None:
    assert set(REQUIREMENTS) <= registry.load().keys()
