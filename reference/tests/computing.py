"""Compute for its tests: called as a user, with a builder that works only when it is called."""

from dataclasses import dataclass, replace
from typing import Any

import requests

from reference.compute.builder import Builder
from reference.tests.clouds import Cloud, User
from reference.wsgi.client import ServiceSession


def builder(cloud: Cloud, **settings: Any) -> Builder:
    """A builder as any process may have one, with settings of its own; it reaches Networking as the services do."""
    session = ServiceSession(cloud.settings.url("network"), cloud.session.app)
    return Builder(cloud.store, replace(cloud.settings, **settings), session)


@dataclass
class Compute:
    """Compute, as one user calls it, with `version` in every call; None sends none."""

    cloud: Cloud
    user: User
    version: str | None = "2.37"

    def __call__(self, method: str, path: str, **more: Any) -> requests.Response:
        version = more.pop("version", self.version)
        headers = {"OpenStack-API-Version": f"compute {version}"} if version else {}
        return self.user(method, f"/compute/v2.1{path}", headers=headers | more.pop("headers", {}), **more)

    def boot(self, networks: Any = "auto", version: str | None = None, **server: Any) -> requests.Response:
        """POST /servers with the least that it needs; `networks` are left out if they are an Ellipsis."""
        body = {"name": "s", "imageRef": self.image, "flavorRef": "1", "networks": networks, **server}
        body = {name: value for name, value in body.items() if value is not ...}
        return self("POST", "/servers", json={"server": body}, version=version or self.version)

    def booted(self, networks: Any = "auto", **server: Any) -> str:
        """The id of a server that was accepted."""
        answer = self.boot(networks, **server)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["server"]["id"])

    def build(self) -> int:
        """Let a builder do all work that is due, and return the number of tasks done."""
        return builder(self.cloud).run_pending()

    def active(self, networks: Any = "auto", **server: Any) -> str:
        item = self.booted(networks, **server)
        self.build()
        assert self.server(item)["status"] == "ACTIVE"
        return item

    def server(self, item: str, version: str | None = None) -> dict[str, Any]:
        server: dict[str, Any] = self("GET", f"/servers/{item}", version=version or self.version).json()["server"]
        return server

    def servers(self, query: str = "", **more: Any) -> list[dict[str, Any]]:
        answer = self("GET", f"/servers/detail{query}", **more)
        assert answer.status_code == 200, answer.text
        servers: list[dict[str, Any]] = answer.json()["servers"]
        return servers

    def ports(self, item: str) -> list[dict[str, Any]]:
        """The server's ports, by Networking."""
        ports: list[dict[str, Any]] = self.user.network("GET", f"/ports?device_id={item}").json()["ports"]
        return ports

    def network(self, name: str = "n", cidr: str | None = "192.0.2.0/24", **values: Any) -> str:
        """A network of the user's project, with a subnet unless `cidr` is None."""
        answer = self.user.network("POST", "/networks", json={"network": {"name": name, **values}})
        assert answer.status_code == 201, answer.text
        network = str(answer.json()["network"]["id"])
        if cidr:
            subnet = {"network_id": network, "ip_version": 4, "cidr": cidr}
            assert self.user.network("POST", "/subnets", json={"subnet": subnet}).status_code == 201
        return network

    def port(self, network: str, **values: Any) -> str:
        answer = self.user.network("POST", "/ports", json={"port": {"network_id": network, **values}})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["port"]["id"])

    @property
    def image(self) -> str:
        return str(self.user("GET", "/image/v2/images").json()["images"][0]["id"])


def refusal(answer: requests.Response) -> tuple[int, str, str]:
    """(status, the fault's name, its message); the code in the body has to be the status."""
    [(kind, error)] = answer.json().items()
    assert error["code"] == answer.status_code
    return answer.status_code, kind, error["message"]
