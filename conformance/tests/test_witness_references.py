"""The witness judges references to objects, addresses, and servers that were built before."""

import pytest

from conformance.tests.witnessed_calls import (
    BUILDING,
    COMPUTE,
    MINE,
    NET,
    NETWORK,
    PORT,
    SERVER,
    SUBNET,
    Calls,
    Story,
    addresses,
    shown,
    violations,
)


def floating_ip_loses_its_port(calls: Calls) -> None:
    """The port is gone; only an answer to an earlier request names it."""
    floating = {"id": "f1", "project_id": MINE, "port_id": "p1"}
    calls(f"DELETE {NETWORK}/ports/p1", None, 204, at=(50, 60))
    calls(f"GET {NETWORK}/floatingips/f1", shown("floatingip", floating), at=(55, 65))
    calls(f"GET {NETWORK}/floatingips/f1", shown("floatingip", floating, port_id=None), at=(66, 67))


def port_gets_more_addresses(calls: Calls) -> None:
    """A subnet whose ports give themselves addresses was made, and Compute is told of it later."""
    calls(f"GET {NETWORK}/ports/p1", shown("port", PORT))
    calls.server(addresses=addresses("10.0.0.3"))
    more = [*PORT["fixed_ips"], {"subnet_id": "s2", "ip_address": "fd00::3"}]
    calls(f"GET {NETWORK}/ports/p1", shown("port", PORT, fixed_ips=more))
    calls(f"GET {COMPUTE}/servers/v1", shown("server", SERVER, addresses=addresses("10.0.0.3")))
    calls(f"GET {COMPUTE}/servers/v1", shown("server", SERVER, addresses=addresses("10.0.0.3", "fd00::3")))


def port_is_given_another_address(calls: Calls) -> None:
    """The owner changes the address; Compute shows the old one for a while."""
    calls(f"GET {NETWORK}/ports/p1", shown("port", PORT))
    other = [{"subnet_id": "s1", "ip_address": "10.0.0.9"}]
    calls(f"PUT {NETWORK}/ports/p1", shown("port", PORT, fixed_ips=other), 200, {"port": {"fixed_ips": other}})
    calls(f"GET {NETWORK}/ports/p1", shown("port", PORT, fixed_ips=other))
    calls.server(addresses=addresses("10.0.0.3"))


def built_while_it_is_looked_at(calls: Calls) -> None:
    """The look at the server that is being built began before the one that shows it ACTIVE had ended."""
    calls.server(**BUILDING)
    calls(f"GET {COMPUTE}/servers/v1", shown("server", SERVER), at=(50, 52))
    calls(f"GET {COMPUTE}/servers/v1", shown("server", SERVER, **BUILDING), at=(51, 53))
    calls(f"GET {COMPUTE}/servers/v1", shown("server", SERVER), at=(54, 55))


def network_shows_a_subnet_that_is_gone(calls: Calls) -> None:
    calls(f"GET {NETWORK}/subnets/s1", shown("subnet", SUBNET))
    calls(f"DELETE {NETWORK}/subnets/s1", None, 204)
    calls(f"GET {NETWORK}/networks", {"networks": [{**NET, "subnets": ["s1"]}]})


def floating_ip_keeps_its_port(calls: Calls) -> None:
    calls(f"DELETE {NETWORK}/ports/p1", None, 204)
    calls(f"GET {NETWORK}/floatingips", {"floatingips": [{"id": "f1", "port_id": "p1"}]})


def port_shows_another_address(calls: Calls) -> None:
    calls(f"GET {NETWORK}/ports/p1", shown("port", PORT))
    calls(f"GET {NETWORK}/ports", {"ports": [{**PORT, "fixed_ips": [{"subnet_id": "s1", "ip_address": "10.0.0.9"}]}]})


def gateway_shows_another_address(calls: Calls) -> None:
    for address in ("172.24.0.3", "172.24.0.9"):
        gateway = {"network_id": "e", "external_fixed_ips": [{"subnet_id": "s", "ip_address": address}]}
        calls(f"GET {NETWORK}/routers/r1", {"router": {"id": "r1", "external_gateway_info": gateway}})


def server_shows_another_address(calls: Calls) -> None:
    calls.server(addresses=addresses("fd00::3"))
    calls(f"GET {COMPUTE}/servers/v1", shown("server", SERVER, addresses=addresses("fd00::9")))


def server_shows_no_address_of_its_port(calls: Calls) -> None:
    calls(f"GET {NETWORK}/ports/p1", shown("port", PORT))
    calls.server(addresses=addresses("10.0.0.9"))


def server_is_built_again(calls: Calls) -> None:
    calls.server()
    calls(f"GET {COMPUTE}/servers/v1", shown("server", SERVER, **BUILDING))


def server_launched_before_it_was_made(calls: Calls) -> None:
    times = {"created": "2026-01-01T00:00:00Z", "OS-SRV-USG:launched_at": "2025-01-01T00:00:00.000000"}
    calls(f"GET {COMPUTE}/servers/v1", shown("server", SERVER, **times))


def server_has_power_while_building(calls: Calls) -> None:
    calls.server(**BUILDING, **{"OS-EXT-STS:power_state": 1})


RIGHT: tuple[Story, ...] = (
    floating_ip_loses_its_port,
    port_gets_more_addresses,
    port_is_given_another_address,
    built_while_it_is_looked_at,
)


@pytest.mark.parametrize("story", RIGHT)
def test_right_answers_have_no_violation_for_the_witness(story: Story) -> None:
    assert violations(story) == {}


WRONG: dict[Story, str] = {
    network_shows_a_subnet_that_is_gone: "N-OBJ-013",
    floating_ip_keeps_its_port: "N-OBJ-013",
    port_shows_another_address: "N-OBJ-011",
    gateway_shows_another_address: "N-OBJ-011",
    server_shows_another_address: "C-OBJ-006",
    server_shows_no_address_of_its_port: "C-OBJ-001",
    server_is_built_again: "C-OBJ-012",
    server_launched_before_it_was_made: "C-OBJ-001",
    server_has_power_while_building: "C-OBJ-001",
}


@pytest.mark.parametrize(("story", "requirement"), WRONG.items())
def test_each_wrong_answer_has_one_violation(story: Story, requirement: str) -> None:
    assert set(violations(story)) == {requirement}
