"""A fake member of a project, which is a mapping instead of a cloud's."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from conformance.deadlines import Deadlines
from conformance.projects.usage import COUNTED
from conformance.target.cloud import ApiError
from conformance.target.endpoints import Endpoints
from conformance.waits import Waits

PROJECT = "p1"
NAMES = ("servers", "floatingips", "routers", "ports", "subnets", "networks", "subnetpools", "security-groups")


class FakeAccount:
    """A member of a project that is a mapping: kind -> id -> (name, ids of objects that it keeps from being deleted).

    An object can be deleted once no other names it as what it needs. With "soft" in `stuck`, a deleted server is kept
    until its deletion is forced. `counts` are the numbers by kind; None for a cloud that does not show them.
    """

    counts: Callable[[str], int] | None = None

    def __init__(self, stuck: tuple[str, ...] = (), project: str = PROJECT, **holds: dict[str, str]) -> None:
        self.project_id = project
        self.name = f"member of {project}"
        self.roles = frozenset({"member", "reader"})
        self.endpoints = Endpoints("http://i", "http://g", "http://n", "http://c/v2.1")
        self.deadlines = Deadlines(settle=0.2, server_build=0.5)
        self.waits = Waits(self.deadlines)
        self.stuck = stuck
        self.holds: dict[str, dict[str, str]] = {name: {} for name in NAMES}
        for kind, items in holds.items():
            self.holds[kind.replace("_", "-")] = dict(items)
        self.calls: list[str] = []
        self.kept: set[str] = set()
        self.owner = ""  # of the ports
        self.agents: tuple[str, ...] = ()  # ports that DHCP agents have

    def side_by_side(self, look: Callable[[str], Any], items: Iterable[str]) -> Iterator[Any]:
        return map(look, items)

    def call(self, method: str, url: str, json: Any = None, headers: Any = None) -> Any:
        path, _, query = url.partition("?")
        if path == f"http://n/v2.0/quotas/{self.project_id}/details":
            self.calls.append(f"{method} {path}")
            return {
                "quota": {name: {"used": self.counts(kind)} for kind, name in COUNTED.items()} if self.counts else {}
            }
        if path.startswith("http://n/v2.0/quotas/") or path == "http://c/v2.1/limits":
            return {}  # it may have any number of everything
        self.calls.append(f"{method} {path}")
        parts = path.removeprefix("http://n/v2.0/").removeprefix("http://c/v2.1/").split("/")
        if method == "GET" and len(parts) > 1:
            return self._show(*parts)
        if method == "GET":
            return self._list(parts[0], query)
        if parts[-1] == "action":
            self.kept.discard(parts[1])
            return None
        if method == "DELETE" and parts[0] == "auto-allocated-topology":
            return self._drop_topology()
        if method == "DELETE":
            return self._delete(*parts)
        if parts[-1] == "remove_router_interface":
            self.holds["ports"].pop(json["port_id"], None)
        return None

    def _list(self, kind: str, query: str) -> Any:
        if kind == "floatingips" and "no floating ips" in self.stuck:
            raise ApiError("GET floatingips answered 404", 404)
        items = self.holds[kind].items()
        if "device_owner" in query:
            return {kind: [{"id": id_, "name": name, **self._user_of(id_)} for id_, name in items]}
        return {kind.replace("-", "_"): [{"id": id_, "name": name} for id_, name in items if self._wanted(query, name)]}

    def _show(self, kind: str, id_: str) -> Any:
        if id_ in self.kept:
            return {"server": {"id": id_, "status": "SOFT_DELETED"}}
        if id_ in self.holds[kind]:
            return {"server": {"id": id_, "status": "ACTIVE"}}
        raise ApiError("GET answered 404", 404)

    def _user_of(self, port: str) -> dict[str, str]:
        return {"device_id": self.owner, "device_owner": "network:dhcp" if port in self.agents else "compute:nova"}

    @staticmethod
    def _wanted(query: str, name: str) -> bool:
        return "device_id=" not in query or name == "interface"

    def _drop_topology(self) -> None:
        if "topology" in self.stuck or self.holds["servers"] or self.kept:
            raise ApiError("DELETE answered 409", 409)
        for kind in ("routers", "ports", "subnets", "networks"):
            self.holds[kind] = {id_: name for id_, name in self.holds[kind].items() if not id_.startswith("auto")}

    def _delete(self, kind: str, id_: str) -> None:
        blocked = kind == "routers" and "interface" in self.holds["ports"].values()
        if id_ in self.stuck or blocked or (kind == "networks" and self.holds["ports"]):
            raise ApiError("DELETE answered 409", 409)
        if id_ not in self.holds[kind]:
            raise ApiError("DELETE answered 404", 404)
        del self.holds[kind][id_]
        if kind == "servers" and "soft" in self.stuck:
            self.kept.add(id_)


TOPOLOGY: dict[str, Any] = {
    "networks": {"auto-net": "auto_allocated_network"},
    "subnets": {"auto-sub": ""},
    "routers": {"auto-router": ""},
    "ports": {"auto-port": "interface"},
}
