"""Services beside a Keystone, which is here another reference's Identity, called over HTTP."""

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from reference.config import Settings
from reference.tests.clouds import READY, Server, User, start, stop
from reference.wsgi.client import ServiceSession


@dataclass
class Mixture:
    """A cloud whose Identity and Image are one program, its Networking a second, its Compute a third."""

    whole: Server
    network: Server
    compute: Server

    def user(self, cloud: str) -> User:
        return self.whole.user(cloud)

    def ask(self, user: User, server: Server, method: str, path: str, **more: Any) -> requests.Response:
        headers = {"X-Auth-Token": user.token, **more.pop("headers", {})}
        return requests.request(method, f"{server.url}{path}", headers=headers, timeout=60, **more)

    def boot(self, user: User, networks: Any = "auto") -> dict[str, Any]:
        image = user("GET", "/image/v2/images").json()["images"][0]["id"]
        body = {"server": {"name": "s", "imageRef": image, "flavorRef": "1", "networks": networks}}
        headers = {"OpenStack-API-Version": "compute 2.37"}
        answer = self.ask(user, self.compute, "POST", "/compute/v2.1/servers", json=body, headers=headers)
        assert answer.status_code == 202, answer.text
        return self.settled(user, answer.json()["server"]["id"])

    def settled(self, user: User, server: str) -> dict[str, Any]:
        deadline = time.monotonic() + READY
        while True:
            shown: dict[str, Any] = self.ask(user, self.compute, "GET", f"/compute/v2.1/servers/{server}").json()
            if shown["server"]["status"] != "BUILD":
                return dict(shown["server"])
            assert time.monotonic() < deadline, shown
            time.sleep(0.02)

    def ports(self, server: str) -> list[dict[str, Any]]:
        """The server's ports as an admin sees them."""
        path = f"/network/v2.0/ports?device_id={server}"
        return list(self.ask(self.user("gman-admin"), self.network, "GET", path).json()["ports"])


def service_password(whole: Server) -> str:
    """Create the service user, which bootstrap does not; returns its password."""
    admin = whole.user("gman-admin")

    def make(kind: str, **values: str) -> str:
        return str(admin("POST", f"/identity/v3/{kind}s", json={kind: values}).json()[kind]["id"])

    project = make("project", name="service", domain_id="default")
    user = make("user", name="gman", password="secret of the service", domain_id="default")
    roles = {role["name"]: role["id"] for role in admin("GET", "/identity/v3/roles").json()["roles"]}
    for role in ("admin", "service"):
        path = f"/identity/v3/projects/{project}/users/{user}/roles/{roles[role]}"
        assert admin("PUT", path).status_code == 204
    return "secret of the service"


def beside(whole: Server, data: Path, *flags: str) -> Server:
    """A program beside the Identity of `whole`."""
    data.mkdir()
    (data / "gman.toml").write_text('service-password = "secret of the service"\n')
    url = f"{whole.url}/identity/v3"
    return start(data, "--auth", "keystone", "--identity-url", url, "--config", str(data / "gman.toml"), *flags)


def set_up(user: User, network: Server) -> None:
    """What an operator does once."""

    def make(kind: str, **values: Any) -> str:
        answer = requests.post(
            f"{network.url}/network/v2.0/{kind}s",
            json={kind: values},
            headers={"X-Auth-Token": user.token},
            timeout=60,
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()[kind]["id"])

    public = make("network", **{"name": "public", "router:external": True, "is_default": True})
    make("subnet", network_id=public, cidr="203.0.113.0/24", ip_version=4)
    make("subnetpool", name="v4", prefixes=["10.0.0.0/16"], default_prefixlen=26, is_default=True, shared=True)


@pytest.fixture(scope="module")
def mixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mixture]:
    place = tmp_path_factory.mktemp("mixture")
    whole = start(place / "whole")
    service_password(whole)
    network = beside(whole, place / "network", "--services", "network")
    networking = f"{network.url}/network"
    compute = beside(whole, place / "compute", "--services", "compute", "--network-url", networking)
    set_up(whole.user("gman-admin"), network)
    yield Mixture(whole, network, compute)
    for server in (compute, network, whole):
        assert stop(server) == 0


def test_only_what_was_asked_for_is_served(mixture: Mixture) -> None:
    assert requests.get(f"{mixture.network.url}/compute/v2.1/", timeout=10).status_code == 404
    assert requests.get(f"{mixture.compute.url}/identity/v3/", timeout=10).status_code == 404
    assert not (mixture.network.data / "clouds.yaml").exists()


@pytest.mark.parametrize("headers", [{}, {"X-Auth-Token": "nonsense"}, {"X-Identity-Status": "Confirmed"}])
def test_without_a_token_of_keystone_the_answer_is_its_401(mixture: Mixture, headers: dict[str, str]) -> None:
    for url in (f"{mixture.network.url}/network/v2.0/networks", f"{mixture.compute.url}/compute/v2.1/servers"):
        forged = {"X-Project-Id": "p", "X-User-Id": "u", "X-Roles": "admin", **headers}
        answer = requests.get(url, headers=forged, timeout=60)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == f'Keystone uri="{mixture.whole.url}/identity/v3"'
        assert answer.json()["error"]["title"] == "Unauthorized"
        assert answer.headers["x-openstack-request-id"].startswith("req-")


def test_public_paths_stay_public(mixture: Mixture) -> None:
    assert requests.get(f"{mixture.network.url}/network/", timeout=10).json()["versions"][0]["id"] == "v2.0"
    assert requests.get(f"{mixture.compute.url}/compute/", timeout=10).status_code == 200


def test_errors_keep_their_dialect(mixture: Mixture) -> None:
    user = mixture.user("gman")
    refused = mixture.ask(user, mixture.network, "GET", "/network/v2.0/networks/none")
    assert (refused.status_code, refused.json()["NeutronError"]["type"]) == (404, "NetworkNotFound")
    refused = mixture.ask(user, mixture.compute, "GET", "/compute/v2.1/servers/none")
    assert (refused.status_code, list(refused.json())) == (404, ["itemNotFound"])


def test_roles_come_from_keystone(mixture: Mixture) -> None:
    body = {"network": {"name": "n", "shared": True}}
    for cloud, expected in (("gman", 403), ("gman-reader", 403), ("gman-admin", 201)):
        answer = mixture.ask(mixture.user(cloud), mixture.network, "POST", "/network/v2.0/networks", json=body)
        assert answer.status_code == expected, cloud
    mixture.ask(
        mixture.user("gman-admin"),
        mixture.network,
        "DELETE",
        f"/network/v2.0/networks/{answer.json()['network']['id']}",
    )


def test_a_first_boot_across_three_programs(mixture: Mixture) -> None:
    user = mixture.user("gman")
    server = mixture.boot(user)
    assert server["status"] == "ACTIVE", server
    (port,) = mixture.ports(server["id"])
    assert (port["binding:host_id"], port["binding:vif_type"], port["device_owner"]) == ("c1", "ovs", "compute:nova")
    assert mixture.ask(user, mixture.compute, "DELETE", f"/compute/v2.1/servers/{server['id']}").status_code == 204
    deadline = time.monotonic() + READY
    while mixture.ports(server["id"]):
        assert time.monotonic() < deadline, "the port remains"
        time.sleep(0.02)


def test_a_users_port_is_released_unchanged(mixture: Mixture) -> None:
    user = mixture.user("gman-alt")
    path = "/network/v2.0/auto-allocated-topology/None"
    network = mixture.ask(user, mixture.network, "GET", path).json()["auto_allocated_topology"]["id"]
    body = {"port": {"network_id": network}}
    port = mixture.ask(user, mixture.network, "POST", "/network/v2.0/ports", json=body).json()["port"]["id"]
    server = mixture.boot(user, [{"port": port}])
    assert [(item["id"], item["binding:host_id"]) for item in mixture.ports(server["id"])] == [(port, "c1")]
    mixture.ask(user, mixture.compute, "DELETE", f"/compute/v2.1/servers/{server['id']}")
    deadline = time.monotonic() + READY
    while True:
        shown = mixture.ask(mixture.user("gman-admin"), mixture.network, "GET", f"/network/v2.0/ports/{port}").json()
        if not shown["port"]["device_id"] and not shown["port"]["binding:host_id"]:
            break
        assert time.monotonic() < deadline, shown
        time.sleep(0.02)


def test_the_password_is_in_no_process_list_and_no_repr(mixture: Mixture) -> None:
    for server in (mixture.network, mixture.compute):
        line = Path(f"/proc/{server.process.pid}/cmdline").read_text()
        assert "secret of the service" not in line
    assert "secret" not in repr(Settings(service_password="secret"))


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--identity-url", "http://127.0.0.1:1/v3"], "cannot use Keystone at http://127.0.0.1:1/v3"),
        (["--identity-url", "{url}"], "cannot use Keystone at http"),
    ],
)
def test_a_keystone_that_cannot_be_used_is_one_line(
    mixture: Mixture, tmp_path: Path, flags: list[str], says: str
) -> None:
    options = [flag.format(url=f"{mixture.whole.url}/identity/v3") for flag in flags]
    command = [sys.executable, "-m", "reference", "serve", "--port", "0", "--data", str(tmp_path), "--auth", "keystone"]
    environ = {"PATH": "/usr/bin:/bin", "GMAN_SERVICE_PASSWORD": "wrong"}
    completed = subprocess.run(
        [*command, "--services", "compute", *options],
        capture_output=True,
        text=True,
        env=environ,
        check=False,
        timeout=60,
    )
    assert (completed.returncode, completed.stderr.count("\n")) == (3, 1), completed.stderr
    assert says in completed.stderr
    assert "wrong" not in completed.stderr


def test_an_outage_of_keystone_is_not_a_bad_token(mixture: Mixture, tmp_path: Path) -> None:
    """503, and not the 401 that would make clients throw their tokens away."""
    data = tmp_path / "network"
    data.mkdir()
    (data / "gman.toml").write_text('service-password = "any"\n')
    flags = ["--auth", "keystone", "--identity-url", "http://127.0.0.1:1/v3", "--config", str(data / "gman.toml")]
    alone = start(data, *flags, "--services", "network")
    answer = requests.get(f"{alone.url}/network/v2.0/networks", headers={"X-Auth-Token": "t"}, timeout=60)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, 503)
    assert stop(alone) == 0


def test_a_token_of_the_services_own_goes_along() -> None:
    """A real service then serves a user whose token has expired meanwhile (C-CW-13)."""
    callers: list[tuple[str | None, str | None]] = []

    def app(environ: Any, start_response: Any) -> list[bytes]:
        callers.append((environ.get("HTTP_X_AUTH_TOKEN"), environ.get("HTTP_X_SERVICE_TOKEN")))
        start_response("204 No Content", [])
        return []

    session = ServiceSession("http://network", app, lambda: "own")
    session.call("GET", "/", "user's")
    session.call("GET", "/", None)
    ServiceSession("http://network", app).call("GET", "/", "user's")
    assert callers == [("user's", "own"), ("own", "own"), ("user's", None)]
