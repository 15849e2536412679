"""Unmodified clients, as people run them, against a reference served by processes of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import openstack
import pytest

from reference.tests.clouds import Server

CLIENT = Path(sys.executable).with_name("openstack")

# where everything is checked, a client that is not there is a failure
pytestmark = pytest.mark.skipif(
    not CLIENT.exists() and "CI" not in os.environ, reason="pip install python-openstackclient to run these"
)


def printed(server: Server, command: str, cloud: str = "gman") -> str:
    """What `openstack` prints for the command; it must succeed."""
    environment = {**os.environ, "OS_CLIENT_CONFIG_FILE": str(server.data / "clouds.yaml"), "OS_CLOUD": cloud}
    requested = [str(CLIENT), *command.split()]
    completed = subprocess.run(requested, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert completed.returncode == 0, f"{command}\n{completed.stderr}"
    assert "Error in the" not in completed.stderr, completed.stderr  # a warning of the cleanup, which goes on after it
    return completed.stdout


def run(server: Server, command: str, cloud: str = "gman") -> Any:
    """What `openstack` prints for the command, as data; None where it prints nothing."""
    text = printed(server, command, cloud)
    return json.loads(text) if text.strip() else None


def test_command_line(server: Server) -> None:
    boot = "server create --image cirros --flavor m1.tiny --nic auto --min 3 --max 3 --wait -f json s"
    first = run(server, boot)
    assert (first["status"], first["name"], list(first["addresses"])) == ("ACTIVE", "s-1", ["auto_allocated_network"])
    topology = run(server, "network auto allocated topology create --or-show -f json")
    networks = {item["Name"]: item["Networks"] for item in run(server, "server list -f json")}
    assert sorted(networks) == ["s-1", "s-2", "s-3"]
    [name] = {name for held in networks.values() for name in held}
    user = server.user("gman")
    assert [n["name"] for n in user.network("GET", f"/networks?id={topology['id']}").json()["networks"]] == [name]
    run(server, "server delete --wait s-1 s-2 s-3")
    run(server, "network auto allocated topology create --check-resources -f json")
    run(server, "network auto allocated topology delete")
    assert user.network("GET", f"/networks?project_id={user.project_id}").json()["networks"] == []


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # a deprecation inside the SDK
def test_sdk(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(server.data / "clouds.yaml"))
    cloud = openstack.connect(cloud="gman-alt")
    image, flavor = (
        cloud.image.find_image("cirros"),
        cloud.compute.find_flavor("m1.small"),
    )
    created = cloud.compute.create_server(name="sdk", image_id=image.id, flavor_id=flavor.id, networks="none")
    lone = cloud.compute.wait_for_server(created, interval=0.1)
    assert (lone.status, lone.addresses) == ("ACTIVE", {})
    network = cloud.network.get_auto_allocated_topology()
    attached = cloud.compute.create_server_interface(lone, net_id=network.id)
    assert [element.port_id for element in cloud.compute.server_interfaces(lone)] == [attached.port_id]
    assert list(cloud.compute.get_server(lone).addresses) == ["auto_allocated_network"]
    assert [action.action for action in cloud.compute.server_actions(lone)] == ["attach_interface", "create"]
    cloud.compute.delete_server(lone)
    cloud.compute.wait_for_delete(lone, interval=0.1)
    cloud.network.delete_auto_allocated_topology()
    cloud.close()


def test_command_line_of_networking(server: Server) -> None:
    """Options that are more than a plain call: `--tag` takes a second request, and a policy names its target
    differently.
    """
    network = run(server, "network create --tag red --tag blue -f json tagged")
    assert network["name"] == "tagged"
    assert [element["Name"] for element in run(server, "network list --tags red,blue -f json")] == ["tagged"]
    another = "a" * 32  # the id of a project
    flags = f"--type network --action access_as_shared --target-project {another} -f json tagged"
    entry = run(server, f"network rbac create {flags}")
    assert (entry["object_id"], entry["target_project_id"]) == (network["id"], another)
    pool = run(server, "subnet pool create --pool-prefix 10.200.0.0/16 --default-prefix-length 24 --tag red -f json p")
    assert pool["tags"] == ["red"]
    run(server, "subnet pool delete p")
    run(server, "network delete tagged")


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # a deprecation inside the SDK
def test_sdk_of_networking(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(server.data / "clouds.yaml"))
    cloud = openstack.connect(cloud="gman-alt")
    networking = cloud.network
    network = networking.create_network(name="n")
    networking.set_tags(network, ["red"])
    assert [element.id for element in networking.networks(any_tags="red")] == [network.id]
    pool = networking.create_subnet_pool(name="p", prefixes=["10.201.0.0/16"], default_prefix_length=24)
    subnet = networking.create_subnet(
        network_id=network.id, ip_version=4, subnet_pool_id=pool.id, gateway_ip="10.201.9.1"
    )
    assert subnet.cidr == "10.201.9.0/24"
    router = networking.create_router(name="r")
    networking.add_interface_to_router(router, subnet_id=subnet.id)
    assert [port.fixed_ips[0]["ip_address"] for port in networking.ports(device_id=router.id)] == ["10.201.9.1"]
    networking.remove_interface_from_router(router, subnet_id=subnet.id)
    assert networking.get_quota(cloud.current_project_id).networks == 100
    for remove, item in (
        (networking.delete_router, router),
        (networking.delete_network, network),
        (networking.delete_subnet_pool, pool),
    ):
        remove(item, ignore_missing=False)
    cloud.close()


def test_command_line_of_operators(server: Server) -> None:
    """Commands whose requests hold more than their options say."""
    run(server, "quota set --networks 7 --instances 8 demo", "gman-admin")
    assert (
        server.user("gman").network("GET", f"/quotas/{server.user('gman').project_id}").json()["quota"]["network"] == 7
    )
    run(server, "quota set --networks -1 --instances -1 --force demo", "gman-admin")
    credential = run(server, "application credential create ci -f json")
    assert (sorted(role["name"] for role in credential["Roles"]), credential["Unrestricted"]) == (
        ["member", "reader"],
        False,
    )
    assert run(server, "application credential create all --unrestricted -f json")["Unrestricted"] is True
    run(server, "application credential delete ci all")
    group = run(server, "security group create -f json web")["id"]
    network = run(server, "network create -f json filtered")["id"]
    port = run(server, f"port create --network {network} --security-group {group} -f json p")["id"]
    assert [item["ID"] for item in run(server, f"port list --security-group {group} -f json")] == [port]
    for command in (f"port delete {port}", f"network delete {network}", f"security group delete {group}"):
        run(server, command)


def test_project_cleanup(server: Server) -> None:
    """The unmodified client finds everything of a project, and deletes it."""
    run(server, "server create --image cirros --flavor m1.tiny --nic auto --wait -f json gone", "gman-alt")
    run(server, "security group create -f json g", "gman-alt")
    user = server.user("gman-alt")
    query = f"?project_id={user.project_id}"
    before = {
        kind: len(user.network("GET", f"/{kind}{query}").json()[kind]) for kind in ("networks", "routers", "subnets")
    }
    assert before == {"networks": 1, "routers": 1, "subnets": 2}
    assert "gone" in printed(server, "project cleanup --auth-project --dry-run", "gman-alt")
    assert len(user.network("GET", f"/networks{query}").json()["networks"]) == 1
    printed(server, "project cleanup --auth-project --auto-approve", "gman-alt")
    remaining = {kind: user.network("GET", f"/{kind}{query}").json()[kind] for kind in before}
    assert remaining == {kind: [] for kind in before}
    assert [group["name"] for group in user.network("GET", "/security-groups").json()["security_groups"]] == ["default"]
    assert user("GET", "/compute/v2.1/servers").json()["servers"] == []


@pytest.mark.filterwarnings("ignore")  # the SDK warns while the server does not exist yet
def test_sdk_gives_a_server_a_floating_ip(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """`auto_ip` waits until the server's addresses show the floating IP, and deletes it with the server."""
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(server.data / "clouds.yaml"))
    cloud = openstack.connect(cloud="gman")
    network = cloud.network.get_network(cloud.network.get_auto_allocated_topology().id)
    created = cloud.create_server(
        "reachable", image="cirros", flavor="m1.tiny", network=network.id, auto_ip=True, wait=True, timeout=90
    )
    [floating] = cloud.network.ips(project_id=cloud.current_project_id)
    shown = {address["addr"]: address["OS-EXT-IPS:type"] for address in created.addresses[network.name]}
    assert (created.status, shown[floating.floating_ip_address]) == ("ACTIVE", "floating")
    assert cloud.delete_server(created.id, wait=True, delete_ips=True)
    assert list(cloud.network.ips(project_id=cloud.current_project_id)) == []
    cloud.network.delete_auto_allocated_topology()
    cloud.close()
