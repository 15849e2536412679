"""Which network a server gets, which requests are refused because of networks, and what a failed build leaves."""

from typing import Any

import pytest

from reference.compute.tables import work
from reference.tests.clouds import Cloud
from reference.tests.computing import Compute, refusal


@pytest.fixture
def operator(cloud: Cloud) -> Compute:
    return Compute(cloud, cloud.admin)


def nets(compute: Compute, item: str) -> list[str]:
    """The networks the server is on, as os-interface tells."""
    return [entry["net_id"] for entry in compute("GET", f"/servers/{item}/os-interface").json()["interfaceAttachments"]]


def owned(compute: Compute) -> list[str]:
    networks = compute.user.network("GET", f"/networks?project_id={compute.user.project_id}").json()["networks"]
    return [network["id"] for network in networks]


def failed(compute: Compute, networks: Any = "auto", **server: Any) -> str:
    """The fault of a server that was accepted and could not be built; nothing of it is left."""
    item = compute.booted(networks, **server)
    for _ in range(3):  # temporary failures are retried after a pause
        compute.build()
        mend_time(compute)
    shown = compute.server(item)
    assert (shown["status"], shown["OS-EXT-STS:vm_state"], shown["OS-EXT-STS:task_state"]) == ("ERROR", "error", None)
    assert (shown["hostId"], shown["OS-EXT-AZ:availability_zone"], shown["addresses"]) == ("", "", {})
    assert shown["fault"]["code"] == 500
    assert "details" not in shown["fault"]
    assert [port for port in compute.ports(item) if port["id"] not in supplied(networks)] == []
    return str(shown["fault"]["message"])


def supplied(networks: Any) -> list[str]:
    return [item["port"] for item in networks if "port" in item] if isinstance(networks, list) else []


def mend_time(compute: Compute) -> None:
    """End every pause before a retry."""
    compute.cloud.store.write(lambda tx: tx.execute(work.update().values(due=0.0)))


def quota(operator: Compute, project: str, **limits: int) -> None:
    answer = operator.user.network("PUT", f"/quotas/{project}", json={"quota": limits})
    assert answer.status_code == 200, answer.text


def test_auto_allocates_once_for_all_servers_of_a_batch(compute: Compute) -> None:
    assert compute.boot(name="s", min_count=3).status_code == 202
    assert [server["status"] for server in compute.servers()] == ["BUILD"] * 3
    assert compute.build() == 3
    [network] = owned(compute)
    addresses = set()
    for server in compute.servers():
        assert server["status"] == "ACTIVE"
        assert nets(compute, server["id"]) == [network]
        [(name, held)] = server["addresses"].items()
        assert name == "auto_allocated_network"
        assert {entry["version"] for entry in held} == {4, 6}
        addresses |= {entry["addr"] for entry in held}
        [port] = compute.ports(server["id"])
        assert (port["device_owner"], port["project_id"]) == ("compute:nova", compute.user.project_id)
    assert len(addresses) == 6


def test_auto_uses_what_is_there(compute: Compute) -> None:
    network = compute.network()
    assert nets(compute, compute.active("auto")) == [network]
    assert owned(compute) == [network]


def test_auto_comes_back_to_the_topology_until_it_is_gone(compute: Compute) -> None:
    first = compute.active("auto")
    [network] = owned(compute)
    assert compute("DELETE", f"/servers/{first}").status_code == 204
    compute.build()
    assert owned(compute) == [network]
    second = compute.active("auto")
    assert nets(compute, second) == [network]
    compute("DELETE", f"/servers/{second}")
    compute.build()
    path = f"/auto-allocated-topology/{compute.user.project_id}"
    assert compute.user.network("DELETE", path).status_code == 204
    assert nets(compute, compute.active("auto")) == owned(compute) != [network]


@pytest.mark.parametrize("networks", ["none", []])
def test_no_network(compute: Compute, networks: Any) -> None:
    item = compute.active(networks)
    assert (nets(compute, item), compute.server(item)["addresses"], owned(compute)) == ([], {}, [])
    assert "security_groups" not in compute.server(item)


def test_without_networks_the_only_network_is_used(compute: Compute) -> None:
    network = compute.network()
    assert nets(compute, compute.active([])) == [network]
    assert nets(compute, compute.active(..., version="2.36")) == [network]


@pytest.mark.parametrize(("networks", "version"), [("auto", "2.37"), ([], "2.37"), (..., "2.36"), (..., "2.1")])
def test_two_networks_are_ambiguous(compute: Compute, networks: Any, version: str) -> None:
    compute.network(cidr="192.0.2.0/25")
    compute.network(cidr="192.0.2.128/25", admin_state_up=False)
    line = "Multiple possible networks found, use a Network ID to be more specific."
    assert refusal(compute.boot(networks, version=version)) == (409, "conflictingRequest", line)
    assert compute.servers() == []
    compute.active("none")


def test_shared_networks_count(compute: Compute, operator: Compute) -> None:
    shared = operator.network(shared=True)
    assert nets(compute, compute.active("auto")) == [shared]
    compute.network(cidr="198.51.100.0/24")
    assert refusal(compute.boot("auto"))[0] == 409


def test_a_network_that_is_down_is_counted_but_not_used(compute: Compute) -> None:
    down = compute.network(admin_state_up=False)
    [used] = nets(compute, compute.active("auto"))
    assert used != down


def test_unmet_requirements_refuse_auto_and_create_nothing(compute: Compute, operator: Compute) -> None:
    [external] = operator.user.network("GET", "/networks?is_default=true").json()["networks"]
    path, off = f"/networks/{external['id']}", {"network": {"is_default": False}}
    assert operator.user.network("PUT", path, json=off).status_code == 200
    message = f"Unable to automatically allocate a network for project {compute.user.project_id}"
    assert refusal(compute.boot("auto", min_count=2)) == (400, "badRequest", message)
    assert (compute.servers(), owned(compute)) == ([], [])


def test_prerequisites_gone_before_the_build_abort_it(compute: Compute, operator: Compute) -> None:
    [external] = operator.user.network("GET", "/networks?is_default=true").json()["networks"]
    item = compute.booted("auto")
    off = {"network": {"is_default": False}}
    assert operator.user.network("PUT", f"/networks/{external['id']}", json=off).status_code == 200
    assert compute.build() == 1
    message = f"Build of instance {item} aborted: Failed to allocate the network(s), not rescheduling."
    assert compute.server(item)["fault"]["message"] == message
    assert "details" in operator.server(item)["fault"]


def test_a_pool_without_room_aborts_the_build(compute: Compute, operator: Compute) -> None:
    pools = operator.user.network("GET", "/subnetpools?is_default=true&ip_version=4").json()["subnetpools"]
    small = {"subnetpool": {"default_quota": 1}}
    assert operator.user.network("PUT", f"/subnetpools/{pools[0]['id']}", json=small).status_code == 200
    assert "aborted" in failed(compute)
    assert owned(compute) == []


def test_networks_that_appear_before_the_build_exhaust_its_tries(compute: Compute) -> None:
    item = compute.booted("auto")
    for cidr in ("192.0.2.0/25", "192.0.2.128/25"):
        compute.network(cidr=cidr)
    for attempt in range(3):
        assert compute.server(item)["status"] == "BUILD", attempt
        assert compute.build() == 1
        mend_time(compute)
    assert compute.server(item)["fault"]["message"].startswith("Exceeded maximum number of retries.")


def test_a_network_without_subnet(compute: Compute) -> None:
    network = compute.network(cidr=None)
    assert "requires a subnet" in refusal(compute.boot([{"uuid": network}]))[2]
    assert "Exceeded maximum number of retries" in failed(compute, "auto")


def test_an_external_network_is_refused_by_the_build(compute: Compute) -> None:
    [external] = compute.user.network("GET", "/networks?router:external=true").json()["networks"]
    assert "aborted" in failed(compute, [{"uuid": external["id"]}])


def test_port_quota(compute: Compute, operator: Compute) -> None:
    compute.network()
    quota(operator, compute.user.project_id, port=2)
    assert refusal(compute.boot("auto", min_count=3)) == (403, "forbidden", "Maximum number of ports exceeded")
    assert compute.servers() == []
    # room for two of three is enough when two will do
    assert compute.boot("auto", name="r", min_count=2, max_count=3).status_code == 202
    assert sorted(server["name"] for server in compute.servers()) == ["r-1", "r-2"]
    compute.build()
    assert refusal(compute.boot("auto"))[0] == 403
    quota(operator, compute.user.project_id, port=1, force=True)
    assert refusal(compute.boot([]))[2] == "The number of defined ports: 2 is over the limit: 1"
    assert compute.boot("none").status_code == 202
    quota(operator, compute.user.project_id, port=-1)
    assert compute.boot("auto").status_code == 202


def test_max_reduced_to_one_leaves_the_name_plain(compute: Compute, operator: Compute) -> None:
    compute.network()
    quota(operator, compute.user.project_id, port=1)
    assert compute.boot("auto", name="one", min_count=1, max_count=3).status_code == 202
    assert [server["name"] for server in compute.servers()] == ["one"]


def test_networks_and_ports_by_id(compute: Compute) -> None:
    first, second = compute.network("a", "192.0.2.0/25"), compute.network("b", "192.0.2.128/25")
    port = compute.port(second)
    expected = [{"port": port}, {"uuid": first, "fixed_ip": "192.0.2.9"}, {"uuid": first}]
    item = compute.active(expected)
    assert sorted(nets(compute, item)) == sorted([first, first, second])
    assert compute.server(item)["addresses"]["a"][0]["addr"] == "192.0.2.9"
    assert list(compute.server(item)["addresses"]) == ["b", "a"]
    assert refusal(compute.boot([{"port": port}])) == (409, "conflictingRequest", f"Port {port} is still in use.")
    assert "already in use" in refusal(compute.boot([{"uuid": first, "fixed_ip": "192.0.2.9"}]))[2]
    compute("DELETE", f"/servers/{item}")
    compute.build()
    assert compute("GET", f"/servers/{item}").status_code == 404
    [remaining] = [
        entry for entry in compute.user.network("GET", "/ports").json()["ports"] if not entry["device_owner"]
    ]
    assert (remaining["id"], remaining["device_id"]) == (port, "")
    compute.active([{"port": port}])


def test_an_address_outside_the_subnets_aborts_the_build(compute: Compute) -> None:
    network = compute.network()
    assert "is not a valid ip address" in failed(compute, [{"uuid": network, "fixed_ip": "203.0.113.5"}])


def test_a_port_without_address_is_refused(compute: Compute) -> None:
    port = compute.port(compute.network(), fixed_ips=[])
    assert "requires a FixedIP" in refusal(compute.boot([{"port": port}]))[2]


def test_a_failed_build_gives_the_users_port_back(compute: Compute) -> None:
    port = compute.port(compute.network(cidr="192.0.2.0/25"))
    expected = [{"port": port}, {"uuid": compute.network(cidr="192.0.2.128/25"), "fixed_ip": "203.0.113.5"}]
    failed(compute, expected)
    shown = compute.user.network("GET", f"/ports/{port}").json()["port"]
    assert (shown["device_id"], shown["device_owner"]) == ("", "")


def test_several_servers_cannot_share_a_port_or_address(compute: Compute) -> None:
    network = compute.network()
    address, port = {"uuid": network, "fixed_ip": "192.0.2.9"}, {"port": compute.port(network)}
    items: dict[str, Any] = {"fixed_ip": [address], "single configured port": [port]}
    for says, expected in items.items():
        status, kind, message = refusal(compute.boot(expected, max_count=2))
        assert (status, kind) == (400, "badRequest")
        assert says in message


def test_security_groups(compute: Compute) -> None:
    created = compute.user.network("POST", "/security-groups", json={"security_group": {"name": "web"}}).json()
    for name in ("web", created["security_group"]["id"]):
        item = compute.active("auto", security_groups=[{"name": name}, {"name": name}])
        assert compute.server(item)["security_groups"] == [{"name": "web"}]
    assert compute.server(compute.active("auto"))["security_groups"] == [{"name": "default"}]
    compute.user.network("POST", "/security-groups", json={"security_group": {"name": "web"}})
    assert refusal(compute.boot("none", security_groups=[{"name": "web"}]))[:2] == (409, "conflictingRequest")
