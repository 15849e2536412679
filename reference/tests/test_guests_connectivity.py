"""What running servers can reach, by which address, and who can reach them, by their own output."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from reference.tests.clouds import Server, User, start, stop
from reference.tests.guesting import (
    OUTSIDE,
    OUTSIDE_V6,
    VERSION,
    WORD,
    address_of,
    boot,
    console,
    delete,
    ports_of,
    require_guests,
    said,
    tells,
)

SERVE = "mkdir /run/www; echo hello > /run/www/index.html; httpd -p 80 -h /run/www"


def get(address: str, times: int = 3) -> str:
    """A script that sends a request to that address, again if needed, as a first packet may be lost."""
    url = f"http://[{address}]/" if ":" in address else f"http://{address}/"
    return f"for _ in $(seq {times}); do timeout 2 wget -q -O - {url} && break; sleep 0.3; done; echo"


def seen_as(output: str) -> str:
    """The address that the outside saw, by what a console says of its answer; empty without one."""
    addresses = [json.loads(line)["address"] for line in output.splitlines() if line.startswith('{"address"')]
    return str(addresses[0]) if addresses else ""


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    require_guests()
    running = start(tmp_path_factory.mktemp("guests"), "--guests")
    yield running
    stop(running)


@pytest.fixture
def user(cloud: Server) -> User:
    return cloud.user("gman")


@pytest.fixture
def other(cloud: Server) -> User:
    return cloud.user("gman-alt")


@pytest.fixture
def admin(cloud: Server) -> User:
    return cloud.user("gman-admin")


def router_of(user: User) -> dict[str, Any]:
    return dict(user.network("GET", f"/routers?project_id={user.project_id}").json()["routers"][0])


def outer_address(router: dict[str, Any]) -> str:
    addresses = [fixed["ip_address"] for fixed in router["external_gateway_info"]["external_fixed_ips"]]
    return str(next(ip for ip in addresses if ":" not in ip))


def test_a_first_boot_is_connected(user: User) -> None:
    """Its address, its route and its MTU are those of the APIs; the outside sees its router (D-ADDR-001, D-OUT-002)."""
    server = boot(user, f"ip -o addr show dev eth0; ip route; ip -o link show dev eth0; {get(OUTSIDE)}")
    output = said(user, server)
    [port] = ports_of(user, server)
    network = user.network("GET", f"/networks/{port['network_id']}").json()["network"]
    subnets = user.network("GET", f"/subnets?network_id={network['id']}&ip_version=4").json()["subnets"]
    assert f"inet {address_of(user, server)}/{subnets[0]['cidr'].partition('/')[2]} " in output
    assert f"default via {subnets[0]['gateway_ip']} dev eth0" in output
    assert f"mtu {network['mtu']} " in output
    assert port["mac_address"] in output
    assert seen_as(output) == outer_address(router_of(user))
    delete(user, server)
    assert user("POST", f"/compute/v2.1/servers/{server}/action", json={"os-getConsoleOutput": {}}).status_code == 404


def test_the_metadata_service_knows_who_asks(user: User) -> None:
    url = "http://169.254.169.254"
    script = f"wget -q -O - {url}/openstack/latest/meta_data.json; echo; wget -q -O - {url}/latest/meta-data/local-ipv4"
    first, second = boot(user, script), boot(user, script)
    for server in (first, second):
        output = said(user, server)
        assert f'"uuid": "{server}"' in output
        assert f"\n{address_of(user, server)}" in output
        assert "guest: " in output
        delete(user, server)


def test_a_config_drive_needs_no_network(user: User) -> None:
    output = tells(user, "ls /mnt/openstack/latest; ip -o link", config_drive=True, networks="none")
    assert "config drive" in output
    assert "meta_data.json" in output
    assert "eth0" not in output


def test_neighbours_of_one_group_reach_each_other_and_nobody_else_does(user: User, other: User) -> None:
    """The default group: its own members in, all else out, everything outward (D-PEER-001, D-PEER-002, D-SG-001)."""
    server = boot(user, SERVE)
    said(user, server)
    address = address_of(user, server)
    assert "hello" in tells(user, get(address))
    assert "hello" not in tells(other, get(address, 1))
    # of another group: its router reaches it, the server's own group does not let it in
    group = user.network("POST", "/security-groups", json={"security_group": {"name": "other"}}).json()[
        "security_group"
    ]
    lone = tells(user, f"{get(address, 1)}; {get(OUTSIDE)}", security_groups=[{"name": group["id"]}])
    assert "hello" not in lone
    assert seen_as(lone)
    rule = {"security_group_id": group["id"], "direction": "ingress", "protocol": "tcp", "port_range_min": 80}
    rule |= {"port_range_max": 80}
    served = boot(user, SERVE, security_groups=[{"name": group["id"]}])
    said(user, served)
    before = tells(user, get(address_of(user, served), 1))
    answer = user.network("POST", "/security-group-rules", json={"security_group_rule": rule})
    assert answer.status_code == 201, answer.text
    time.sleep(1)
    after = tells(user, get(address_of(user, served)))
    assert ("hello" in before, "hello" in after) == (False, True)
    for item in (server, served):
        delete(user, item)


def test_a_floating_ip_is_a_way_in(user: User, other: User) -> None:
    """D-IN-001, D-IN-002."""
    server = boot(user, f"{SERVE}; while :; do {get(OUTSIDE)}; sleep 0.2; done")
    said(user, server, '{"address"')
    [port] = ports_of(user, server)
    external = user.network("GET", "/networks?router:external=true").json()["networks"][0]["id"]
    [group] = port["security_groups"]
    rule = {"security_group_id": group, "direction": "ingress", "protocol": "tcp", "port_range_min": 80}
    rule |= {"port_range_max": 80, "remote_ip_prefix": "0.0.0.0/0"}
    assert user.network("POST", "/security-group-rules", json={"security_group_rule": rule}).status_code == 201
    floating = user.network("POST", "/floatingips", json={"floatingip": {"floating_network_id": external}})
    floating = floating.json()["floatingip"]
    address = floating["floating_ip_address"]
    assert "hello" not in tells(other, get(address, 1))
    user.network("PUT", f"/floatingips/{floating['id']}", json={"floatingip": {"port_id": port["id"]}})
    said(user, server, f'"address": "{address}"')
    assert "hello" in tells(other, get(address))
    assert "hello" in tells(user, get(address))  # a neighbour, too
    assert user.network("DELETE", f"/floatingips/{floating['id']}").status_code == 204
    time.sleep(1)
    assert "hello" not in tells(other, get(address, 1))
    delete(user, server)


def test_without_translation_the_outside_sees_the_server(user: User, admin: User) -> None:
    """D-OUT-003."""
    said(user, server := boot(user))
    router = router_of(user)
    info = router["external_gateway_info"]
    for translates in (False, True):
        changed = {"network_id": info["network_id"], "enable_snat": translates}
        answer = admin.network("PUT", f"/routers/{router['id']}", json={"router": {"external_gateway_info": changed}})
        assert answer.status_code == 200, answer.text
        time.sleep(1)
        other_server = boot(user, get(OUTSIDE))
        expected = outer_address(router_of(user)) if translates else address_of(user, other_server)
        assert seen_as(said(user, other_server)) == expected
        delete(user, other_server)
    delete(user, server)


def routed_network(user: User, v6: dict[str, Any]) -> str:
    """A network of its own with an IPv4 and an IPv6 subnet behind a router with a gateway."""
    external = user.network("GET", "/networks?router:external=true").json()["networks"][0]["id"]
    network = user.network("POST", "/networks", json={"network": {"name": "six"}}).json()["network"]["id"]
    gateway = {"external_gateway_info": {"network_id": external}}
    router = user.network("POST", "/routers", json={"router": gateway}).json()["router"]["id"]
    for subnet in ({"ip_version": 4, "cidr": "192.168.7.0/24"}, {"ip_version": 6, "cidr": "2001:db8:7::/64", **v6}):
        answer = user.network("POST", "/subnets", json={"subnet": {"network_id": network, **subnet}})
        assert answer.status_code == 201, answer.text
        added = user.network(
            "PUT", f"/routers/{router}/add_router_interface", json={"subnet_id": answer.json()["subnet"]["id"]}
        )
        assert added.status_code == 200, added.text
    return str(network)


def test_where_a_router_advertises_servers_have_ipv6(admin: User) -> None:
    """D-ADDR-002: the address that the APIs show, and a way out by it; no address of theirs is translated."""
    network = routed_network(admin, {"ipv6_ra_mode": "slaac", "ipv6_address_mode": "slaac"})
    wait = "for _ in $(seq 50); do ip -6 route | grep -q ^default && break; sleep 0.1; done"
    server = boot(admin, f"{wait}; ip -o -6 addr show dev eth0; {get(OUTSIDE_V6)}", networks=[{"uuid": network}])
    output = said(admin, server)
    address = address_of(admin, server, 6)
    assert f"inet6 {address}/64" in output
    assert seen_as(output) == address
    # one more that comes later
    second = admin.network("POST", "/networks", json={"network": {"name": "second"}}).json()["network"]["id"]
    subnet = {"network_id": second, "ip_version": 4, "cidr": "192.168.9.0/24"}
    assert admin.network("POST", "/subnets", json={"subnet": subnet}).status_code == 201
    body = {"interfaceAttachment": {"net_id": second}}
    attached = admin("POST", f"/compute/v2.1/servers/{server}/os-interface", json=body)
    assert attached.status_code == 200, attached.text
    said(admin, server, "dhcp eth1 192.168.9.")
    delete(admin, server)


def test_a_released_address_is_given_to_the_next_server(admin: User) -> None:
    """The DHCP server knows that it was leased to another, and gives it out."""
    network = admin.network("POST", "/networks", json={"network": {"name": "third"}}).json()["network"]["id"]
    subnet = {"network_id": network, "ip_version": 4, "cidr": "192.168.11.0/24"}
    assert admin.network("POST", "/subnets", json={"subnet": subnet}).status_code == 201
    stays = boot(admin, networks=[{"uuid": network}])
    for _round in range(2):
        output = tells(admin, "true", networks=[{"uuid": network, "fixed_ip": "192.168.11.77"}])
        assert "dhcp eth0 192.168.11.77/24" in output
    delete(admin, stays)


def test_the_next_topology_is_as_good_as_the_first(other: User) -> None:
    """D-LIFE-001; its address may be one that another server had before."""
    for _round in range(2):
        output = tells(other, get(OUTSIDE))
        assert seen_as(output) == outer_address(router_of(other))
        answer = other.network("DELETE", f"/auto-allocated-topology/{other.project_id}")
        assert answer.status_code == 204, answer.text


def test_a_console_has_as_many_lines_as_asked_for(user: User) -> None:
    server = boot(user, "echo one; echo two; echo three")
    whole = said(user, server, "idle")
    assert console(user, server, length=2).strip() == whole.strip().split("\n")[-1]
    assert console(user, server, length=0) == ""
    assert console(user, server, length=-1) == console(user, server, length=None) == console(user, server)
    answer = user(
        "POST", f"/compute/v2.1/servers/{server}/action", json={"os-getConsoleOutput": {"length": "x"}}, headers=VERSION
    )
    assert answer.status_code == 400
    delete(user, server)


def test_projects_that_boot_at_once_are_isolated(cloud: Server) -> None:
    """D-RACE-001, in small: each has what its API shows and its own router's way out."""
    users = [cloud.user(name) for name in ("gman", "gman-alt")]
    servers = [(user, boot(user, f"ip -o -4 addr show dev eth0; {get(OUTSIDE)}")) for user in users for _ in range(3)]
    deadline = time.monotonic() + WORD
    for user, server in servers:
        output = said(user, server)
        assert f"inet {address_of(user, server)}/" in output
        assert seen_as(output) == outer_address(router_of(user))
    assert time.monotonic() < deadline
    for user, server in servers:
        delete(user, server)
