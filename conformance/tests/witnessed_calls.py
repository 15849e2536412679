"""Calls that a witness hears of, for tests of what it sees."""

import json
from collections.abc import Callable
from typing import Any

from conformance.answers.witness import Witness
from conformance.target.answered import AnsweredCall

NETWORK, COMPUTE, IDENTITY = "http://c/network/v2.0", "http://c/compute/v2.1", "http://c/identity/v3"


ME, MINE, THEIRS = "user-1", "project-1", "project-2"


TOKEN = "token-1"


NET = {"id": "n1", "project_id": MINE, "tenant_id": MINE, "name": "a", "admin_state_up": True, "description": ""}


SUBNET = {"id": "s1", "project_id": MINE, "network_id": "n1", "ip_version": 4, "cidr": "10.0.0.0/24"}


SERVER: dict[str, Any] = {
    "id": "v1",
    "name": "web",
    "tenant_id": MINE,
    "user_id": ME,
    "status": "ACTIVE",
    "OS-EXT-STS:vm_state": "active",
    "OS-EXT-STS:task_state": None,
    "addresses": {},
    "updated": "2026-01-01T00:10:00Z",
}


BUILDING = {"status": "BUILD", "OS-EXT-STS:vm_state": "building"}
PORT: dict[str, Any] = {
    "id": "p1",
    "network_id": "n1",
    "mac_address": "fa:16:3e:00:00:01",
    "fixed_ips": [{"subnet_id": "s1", "ip_address": "10.0.0.3"}],
}
ACTION = {"request_id": "req-1", "start_time": "2026-01-01T00:00:00.000000", "updated_at": None}
BOOT = {"name": "web", "imageRef": "i1", "flavorRef": "1", "networks": "auto"}


class Calls:
    """Calls of one user that the witness hears of, one after the other unless `at` gives begin and end."""

    def __init__(self) -> None:
        self.witness = Witness()
        self._clock = 0.0
        who = {"user": {"id": ME}, "project": {"id": MINE}}
        self(f"POST {IDENTITY}/auth/tokens", {"token": who}, 201, {"auth": {}}, headers={"X-Subject-Token": TOKEN})

    def __call__(
        self,
        line: str,
        answer: Any = None,
        status: int = 200,
        sent: Any = None,
        at: tuple[float, float] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        method, _, url = line.partition(" ")
        self._clock += 1
        begin, end = at or (self._clock, self._clock + 0.5)
        body = b"" if answer is None else json.dumps(answer).encode()
        request = b"" if sent is None else json.dumps(sent).encode()
        self.witness.hear(AnsweredCall(method, url, TOKEN, request, begin, end, status, headers or {}, body))

    @property
    def red(self) -> dict[str, list[str]]:
        looks = self.witness.tally.looks
        return {id_: list(one.violations.values()) for id_, one in looks.items() if one.violations}

    def network(self, **changes: Any) -> None:
        """Create a network, and change the answer so."""
        self(f"POST {NETWORK}/networks", {"network": {**NET, **changes}}, 201, {"network": {"name": "a"}})

    def server(self, **changes: Any) -> None:
        self(f"POST {COMPUTE}/servers", {"server": {"id": "v1"}}, 202, {"server": BOOT})
        self(f"GET {COMPUTE}/servers/v1", {"server": {**SERVER, **changes}})


Story = Callable[[Calls], None]


def violations(story: Story) -> dict[str, list[str]]:
    """Requirement -> what the witness finds wrong with the story's answers."""
    calls = Calls()
    story(calls)
    return calls.red


def shown(kind: str, item: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {kind: {**item, **changes}}


def addresses(*addresses: str) -> dict[str, Any]:
    """The addresses of a server with the port PORT."""
    port = {"OS-EXT-IPS:type": "fixed", "OS-EXT-IPS-MAC:mac_addr": PORT["mac_address"]}
    return {"n": [{"addr": address, "version": 6 if ":" in address else 4, **port} for address in addresses]}
