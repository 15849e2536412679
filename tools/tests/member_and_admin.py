"""A member and an administrator of a reference, for tests that look at lawful differences."""

from pathlib import Path
from typing import Any

from conformance.target.cloud import Account, Cloud
from conformance.target.transport import HttpResponse

SECONDS = 60  # seconds for a reference to start and for its check


class Pair:
    """A member and an administrator of a reference, and short ways to ask as them."""

    def __init__(self, clouds: Path) -> None:
        self.member, self.admin = (Cloud(name, str(clouds)).account for name in ("gman", "gman-admin"))

    def network(self, path: str, method: str = "GET", body: Any = None, who: Account | None = None) -> Any:
        user = who or self.member
        return user.call(method, f"{user.endpoints.network}/v2.0/{path}", json=body)

    def made(self, singular: str, **values: Any) -> Any:
        return self.network(f"{singular}s", "POST", {singular: values})[singular]

    def answer(self, url: str, **headers: str) -> HttpResponse:
        return self.member.ask("GET", url, headers=headers)

    def images(self) -> list[Any]:
        images: list[Any] = self.answer(f"{self.member.endpoints.image}/v2/images").json["images"]
        return images

    def flavors(self) -> list[Any]:
        flavors: list[Any] = self.answer(f"{self.member.endpoints.compute}/flavors").json["flavors"]
        return flavors

    def topology(self) -> str:
        return str(self.network(f"auto-allocated-topology/{self.member.project_id}")["auto_allocated_topology"]["id"])

    def ports(self, owner: str) -> list[Any]:
        ports: list[Any] = self.network(f"ports?device_owner={owner}")["ports"]
        return ports
