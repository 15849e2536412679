"""What the witness sees in answers that show servers, their interfaces and their actions."""

import pytest

from conformance.tests.witnessed_calls import (
    ACTION,
    BOOT,
    BUILDING,
    COMPUTE,
    NETWORK,
    SERVER,
    TOKEN,
    Calls,
    Story,
    shown,
    violations,
)


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


def interface_that_takes_its_time(calls: Calls) -> None:
    """Taking one away is accepted, and done later; the port may be plugged in again."""
    calls.server()
    calls(f"DELETE {COMPUTE}/servers/v1/os-interface/p1", status=202)
    calls(f"GET {COMPUTE}/servers/v1/os-interface", {"interfaceAttachments": [{"port_id": "p1"}]})


RIGHT: tuple[Story, ...] = (
    servers_of_one_request,
    soft_deleted,
    deleted_while_building,
    fails,
    tried_on_two_hosts,
    action_that_goes_on,
    interface_that_takes_its_time,
)


@pytest.mark.parametrize("story", RIGHT)
def test_right_answers_have_no_violation_for_the_witness(story: Story) -> None:
    assert violations(story) == {}


def host_changes(calls: Calls) -> None:
    calls.server(hostId="h1")
    calls(f"GET {COMPUTE}/servers/v1", shown("server", SERVER, hostId="h2"))


def action_is_updated_before_it_starts(calls: Calls) -> None:
    action = {**ACTION, "updated_at": "2025-01-01T00:00:00.000000"}
    calls(f"GET {COMPUTE}/servers/v1/os-instance-actions", {"instanceActions": [action]})


def event_ends_before_it_starts(calls: Calls) -> None:
    event = {"start_time": "2026-01-01T00:00:01.000000", "finish_time": "2025-01-01T00:00:00.000000"}
    calls(f"GET {COMPUTE}/servers/v1/os-instance-actions/req-1", {"instanceAction": {**ACTION, "events": [event]}})


def server_of_another_user(calls: Calls) -> None:
    calls.server(user_id="user-2")


def server_of_another_image(calls: Calls) -> None:
    calls.server(image={"id": "i2", "links": []})


def interface_of_another_network(calls: Calls) -> None:
    calls(f"GET {NETWORK}/ports", {"ports": [{"id": "p1", "network_id": "n1", "mac_address": "fa:16:3e:00:00:01"}]})
    interface = {"port_id": "p1", "net_id": "n2", "mac_addr": "fa:16:3e:00:00:01"}
    calls(f"GET {COMPUTE}/servers/v1/os-interface", {"interfaceAttachments": [interface]})


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


WRONG: dict[Story, str] = {
    host_changes: "C-OBJ-006",
    action_is_updated_before_it_starts: "C-OBJ-003",
    event_ends_before_it_starts: "C-OBJ-003",
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
    assert set(violations(story)) == {requirement}
    assert TOKEN not in str(violations(story))
