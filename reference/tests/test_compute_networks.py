"""Which network a server gets, what is refused for the networks' sake, and what a build that fails leaves."""

from typing import Any

import pytest

from reference.compute.tables import work
from reference.tests.computing import Desk, refusal
from reference.tests.conftest import Cloud


@pytest.fixture
def desk(cloud: Cloud) -> Desk:
    return Desk(cloud, cloud.demo)


@pytest.fixture
def operator(cloud: Cloud) -> Desk:
    return Desk(cloud, cloud.admin)


def nets(desk: Desk, item: str) -> list[str]:
    """The networks the server is on, as os-interface tells."""
    return [entry["net_id"] for entry in desk("GET", f"/servers/{item}/os-interface").json()["interfaceAttachments"]]


def owned(desk: Desk) -> list[str]:
    networks = desk.user.network("GET", f"/networks?project_id={desk.user.project_id}").json()["networks"]
    return [network["id"] for network in networks]


def failed(desk: Desk, networks: Any = "auto", **server: Any) -> str:
    """The fault of a server that was accepted and could not be built; nothing of it is left."""
    item = desk.booted(networks, **server)
    for _ in range(3):  # what may pass is tried again after a pause
        desk.build()
        mend_time(desk)
    shown = desk.server(item)
    assert (shown["status"], shown["OS-EXT-STS:vm_state"], shown["OS-EXT-STS:task_state"]) == ("ERROR", "error", None)
    assert (shown["hostId"], shown["OS-EXT-AZ:availability_zone"], shown["addresses"]) == ("", "", {})
    assert shown["fault"]["code"] == 500
    assert "details" not in shown["fault"]
    assert [port for port in desk.ports(item) if port["id"] not in supplied(networks)] == []
    return str(shown["fault"]["message"])


def supplied(networks: Any) -> list[str]:
    return [item["port"] for item in networks if "port" in item] if isinstance(networks, list) else []


def mend_time(desk: Desk) -> None:
    """Let every pause be over."""
    desk.cloud.store.write(lambda tx: tx.execute(work.update().values(due=0.0)))


def quota(operator: Desk, project: str, **limits: int) -> None:
    answer = operator.user.network("PUT", f"/quotas/{project}", json={"quota": limits})
    assert answer.status_code == 200, answer.text


def test_auto_allocates_once_for_all_servers_of_a_batch(desk: Desk) -> None:
    assert desk.boot(name="s", min_count=3).status_code == 202
    assert [server["status"] for server in desk.servers()] == ["BUILD"] * 3
    assert desk.build() == 3
    [network] = owned(desk)
    addresses = set()
    for server in desk.servers():
        assert server["status"] == "ACTIVE"
        assert nets(desk, server["id"]) == [network]
        [(name, held)] = server["addresses"].items()
        assert name == "auto_allocated_network"
        assert {entry["version"] for entry in held} == {4, 6}
        addresses |= {entry["addr"] for entry in held}
        [port] = desk.ports(server["id"])
        assert (port["device_owner"], port["project_id"]) == ("compute:nova", desk.user.project_id)
    assert len(addresses) == 6


def test_auto_uses_what_is_there(desk: Desk) -> None:
    network = desk.network()
    assert nets(desk, desk.active("auto")) == [network]
    assert owned(desk) == [network]


def test_auto_comes_back_to_the_topology_until_it_is_gone(desk: Desk) -> None:
    first = desk.active("auto")
    [network] = owned(desk)
    assert desk("DELETE", f"/servers/{first}").status_code == 204
    desk.build()
    assert owned(desk) == [network]
    second = desk.active("auto")
    assert nets(desk, second) == [network]
    desk("DELETE", f"/servers/{second}")
    desk.build()
    path = f"/auto-allocated-topology/{desk.user.project_id}"
    assert desk.user.network("DELETE", path).status_code == 204
    assert nets(desk, desk.active("auto")) == owned(desk) != [network]


@pytest.mark.parametrize("networks", ["none", []])
def test_no_network(desk: Desk, networks: Any) -> None:
    item = desk.active(networks)
    assert (nets(desk, item), desk.server(item)["addresses"], owned(desk)) == ([], {}, [])
    assert "security_groups" not in desk.server(item)


def test_nothing_said_means_the_only_network(desk: Desk) -> None:
    network = desk.network()
    assert nets(desk, desk.active([])) == [network]
    assert nets(desk, desk.active(..., version="2.36")) == [network]


@pytest.mark.parametrize(("networks", "version"), [("auto", "2.37"), ([], "2.37"), (..., "2.36"), (..., "2.1")])
def test_two_networks_are_ambiguous(desk: Desk, networks: Any, version: str) -> None:
    desk.network(cidr="192.0.2.0/25")
    desk.network(cidr="192.0.2.128/25", admin_state_up=False)
    line = "Multiple possible networks found, use a Network ID to be more specific."
    assert refusal(desk.boot(networks, version=version)) == (409, "conflictingRequest", line)
    assert desk.servers() == []
    desk.active("none")


def test_shared_networks_count(desk: Desk, operator: Desk) -> None:
    shared = operator.network(shared=True)
    assert nets(desk, desk.active("auto")) == [shared]
    desk.network(cidr="198.51.100.0/24")
    assert refusal(desk.boot("auto"))[0] == 409


def test_a_network_that_is_down_is_counted_but_not_used(desk: Desk) -> None:
    down = desk.network(admin_state_up=False)
    [used] = nets(desk, desk.active("auto"))
    assert used != down


def test_unmet_requirements_refuse_auto_and_create_nothing(desk: Desk, operator: Desk) -> None:
    [external] = operator.user.network("GET", "/networks?is_default=true").json()["networks"]
    path, off = f"/networks/{external['id']}", {"network": {"is_default": False}}
    assert operator.user.network("PUT", path, json=off).status_code == 200
    message = f"Unable to automatically allocate a network for project {desk.user.project_id}"
    assert refusal(desk.boot("auto", min_count=2)) == (400, "badRequest", message)
    assert (desk.servers(), owned(desk)) == ([], [])


def test_requirements_gone_before_the_build_abort_it(desk: Desk, operator: Desk) -> None:
    [external] = operator.user.network("GET", "/networks?is_default=true").json()["networks"]
    item = desk.booted("auto")
    off = {"network": {"is_default": False}}
    assert operator.user.network("PUT", f"/networks/{external['id']}", json=off).status_code == 200
    assert desk.build() == 1
    message = f"Build of instance {item} aborted: Failed to allocate the network(s), not rescheduling."
    assert desk.server(item)["fault"]["message"] == message
    assert "details" in operator.server(item)["fault"]


def test_a_pool_without_room_aborts_the_build(desk: Desk, operator: Desk) -> None:
    pools = operator.user.network("GET", "/subnetpools?is_default=true&ip_version=4").json()["subnetpools"]
    small = {"subnetpool": {"default_quota": 1}}
    assert operator.user.network("PUT", f"/subnetpools/{pools[0]['id']}", json=small).status_code == 200
    assert "aborted" in failed(desk)
    assert owned(desk) == []


def test_networks_that_appear_before_the_build_exhaust_its_tries(desk: Desk) -> None:
    item = desk.booted("auto")
    for cidr in ("192.0.2.0/25", "192.0.2.128/25"):
        desk.network(cidr=cidr)
    for attempt in range(3):
        assert desk.server(item)["status"] == "BUILD", attempt
        assert desk.build() == 1
        mend_time(desk)
    assert desk.server(item)["fault"]["message"].startswith("Exceeded maximum number of retries.")


def test_a_network_without_subnet(desk: Desk) -> None:
    network = desk.network(cidr=None)
    assert "requires a subnet" in refusal(desk.boot([{"uuid": network}]))[2]
    assert "Exceeded maximum number of retries" in failed(desk, "auto")


def test_an_external_network_is_refused_by_the_build(desk: Desk) -> None:
    [external] = desk.user.network("GET", "/networks?router:external=true").json()["networks"]
    assert "aborted" in failed(desk, [{"uuid": external["id"]}])


def test_port_quota(desk: Desk, operator: Desk) -> None:
    desk.network()
    quota(operator, desk.user.project_id, port=2)
    assert refusal(desk.boot("auto", min_count=3)) == (403, "forbidden", "Maximum number of ports exceeded")
    assert desk.servers() == []
    # room for two of three is enough when two will do
    assert desk.boot("auto", name="r", min_count=2, max_count=3).status_code == 202
    assert sorted(server["name"] for server in desk.servers()) == ["r-1", "r-2"]
    desk.build()
    assert refusal(desk.boot("auto"))[0] == 403
    quota(operator, desk.user.project_id, port=1, force=True)
    assert refusal(desk.boot([]))[2] == "The number of defined ports: 2 is over the limit: 1"
    assert desk.boot("none").status_code == 202
    quota(operator, desk.user.project_id, port=-1)
    assert desk.boot("auto").status_code == 202


def test_max_reduced_to_one_leaves_the_name_plain(desk: Desk, operator: Desk) -> None:
    desk.network()
    quota(operator, desk.user.project_id, port=1)
    assert desk.boot("auto", name="one", min_count=1, max_count=3).status_code == 202
    assert [server["name"] for server in desk.servers()] == ["one"]


def test_networks_and_ports_by_id(desk: Desk) -> None:
    first, second = desk.network("a", "192.0.2.0/25"), desk.network("b", "192.0.2.128/25")
    port = desk.port(second)
    expected = [{"port": port}, {"uuid": first, "fixed_ip": "192.0.2.9"}, {"uuid": first}]
    item = desk.active(expected)
    assert sorted(nets(desk, item)) == sorted([first, first, second])
    assert desk.server(item)["addresses"]["a"][0]["addr"] == "192.0.2.9"
    assert list(desk.server(item)["addresses"]) == ["b", "a"]
    assert refusal(desk.boot([{"port": port}])) == (409, "conflictingRequest", f"Port {port} is still in use.")
    assert "already in use" in refusal(desk.boot([{"uuid": first, "fixed_ip": "192.0.2.9"}]))[2]
    desk("DELETE", f"/servers/{item}")
    desk.build()
    assert desk("GET", f"/servers/{item}").status_code == 404
    [remaining] = [entry for entry in desk.user.network("GET", "/ports").json()["ports"] if not entry["device_owner"]]
    assert (remaining["id"], remaining["device_id"]) == (port, "")
    desk.active([{"port": port}])


def test_an_address_outside_the_subnets_aborts_the_build(desk: Desk) -> None:
    network = desk.network()
    assert "is not a valid ip address" in failed(desk, [{"uuid": network, "fixed_ip": "203.0.113.5"}])


def test_a_port_without_address_is_refused(desk: Desk) -> None:
    port = desk.port(desk.network(), fixed_ips=[])
    assert "requires a FixedIP" in refusal(desk.boot([{"port": port}]))[2]


def test_a_failed_build_gives_the_users_port_back(desk: Desk) -> None:
    port = desk.port(desk.network(cidr="192.0.2.0/25"))
    expected = [{"port": port}, {"uuid": desk.network(cidr="192.0.2.128/25"), "fixed_ip": "203.0.113.5"}]
    failed(desk, expected)
    shown = desk.user.network("GET", f"/ports/{port}").json()["port"]
    assert (shown["device_id"], shown["device_owner"]) == ("", "")


def test_one_of_a_kind_is_not_for_several(desk: Desk) -> None:
    network = desk.network()
    address, port = {"uuid": network, "fixed_ip": "192.0.2.9"}, {"port": desk.port(network)}
    items: dict[str, Any] = {"fixed_ip": [address], "single configured port": [port]}
    for says, expected in items.items():
        status, kind, message = refusal(desk.boot(expected, max_count=2))
        assert (status, kind) == (400, "badRequest")
        assert says in message


def test_security_groups(desk: Desk) -> None:
    created = desk.user.network("POST", "/security-groups", json={"security_group": {"name": "web"}}).json()
    for name in ("web", created["security_group"]["id"]):
        item = desk.active("auto", security_groups=[{"name": name}, {"name": name}])
        assert desk.server(item)["security_groups"] == [{"name": "web"}]
    assert desk.server(desk.active("auto"))["security_groups"] == [{"name": "default"}]
    desk.user.network("POST", "/security-groups", json={"security_group": {"name": "web"}})
    assert refusal(desk.boot("none", security_groups=[{"name": "web"}]))[:2] == (409, "conflictingRequest")
