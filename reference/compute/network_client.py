"""Compute's client of Networking: a method for each call, made as the holder of a token.

Errors of Networking are raised as `Refusal`. A builder reads its type; the API does not catch it, and so answers 401
and 403 unchanged, and any other error as 500 (C-NET-032, C-ERR-033).
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import requests

from reference.compute.errors import NAMES
from reference.wsgi.client import ServiceSession
from reference.wsgi.errors import Problem

LOG = logging.getLogger(__name__)
CHUNK = 40  # ids in one query: some servers refuse request lines of more than 4 KiB
UNREACHABLE = 503

Item = dict[str, Any]


@dataclass
class Refusal(Problem):
    """An error of Networking: its status `answered`, its `type`, its message."""

    answered: int = 0
    type: str = ""


class Networks:
    """Networking, as the holder of `token` sees it; None for this service itself. All methods raise Refusal."""

    def __init__(self, session: ServiceSession, token: str | None) -> None:
        self.session, self.token = session, token

    def available(self, project: str, *, only_up: bool) -> list[Item]:
        """The networks for a project's servers that name none: its own and shared ones (C-NET-025, 026)."""
        query = {"tenant_id": project, "shared": False, **({"admin_state_up": True} if only_up else {})}
        return [*self.list_items("networks", query), *self.list_items("networks", {"shared": True})]

    def networks(self, ids: Iterable[str], fields: Iterable[str] = ()) -> list[Item]:
        """The networks with these ids that exist, with these fields, or all fields if none are named."""
        return self._by_id("networks", ids, fields)

    def network(self, network: str) -> Item:
        return self.item("GET", f"networks/{network}")

    def allocatable(self, project: str) -> bool:
        """Whether a topology could be allocated; a dry run, which changes nothing (C-NET-023, C-NET-033)."""
        try:
            self.ask("GET", f"auto-allocated-topology/{project}", {"fields": "dry-run"})
        except Refusal as refusal:
            if refusal.answered == 409:
                return False
            raise
        return True

    def topology(self, project: str) -> str:
        """The id of the project's network, allocated now where there is none."""
        return str(self.item("GET", f"auto-allocated-topology/{project}")["id"])

    def port_quota(self, project: str) -> int:
        """The project's limit on ports, -1 for no limit (C-ERR-020)."""
        return int(self.item("GET", f"quotas/{project}").get("port", -1))

    def port_count(self, project: str) -> int:
        """The number of the project's ports."""
        return len(self.list_items("ports", {"tenant_id": project, "fields": "id"}))

    def port(self, port: str) -> Item:
        return self.item("GET", f"ports/{port}")

    def address_holders(self, network: str, address: str) -> list[str]:
        """The ids of the devices whose ports have the address."""
        query = {"network_id": network, "fixed_ips": f"ip_address={address}", "fields": "device_id"}
        return [port["device_id"] for port in self.list_items("ports", query)]

    def ports_of(self, servers: Iterable[str]) -> list[Item]:
        """The ports whose device is one of the servers."""
        return [port for ids in _chunks(servers) for port in self.list_items("ports", {"device_id": ids})]

    def floating_ips(self, ports: Iterable[str]) -> list[Item]:
        """The floating IPs of these ports, of any project; none where Networking has no routers.

        The request is made as this service's own user, if it has one (nova network/neutron.py, _safe_get_floating_ips).
        """
        everyone = Networks(self.session, None) if self.session.own_token else self
        try:
            return [item for ids in _chunks(ports) for item in everyone.list_items("floatingips", {"port_id": ids})]
        except Refusal as refusal:
            if refusal.answered == 404:
                return []
            raise

    def addressed_ports(self, project: str | None) -> list[Item]:
        """The ports of a project, or for None all visible ones, with `device_id` and `fixed_ips`."""
        query = {"tenant_id": project} if project else {}
        return self.list_items("ports", {**query, "fields": ["device_id", "fixed_ips"]})

    def create_port(self, values: Item) -> Item:
        return self.item("POST", "ports", {"port": values})

    def update_port(self, port: str, values: Item) -> Item:
        return self.item("PUT", f"ports/{port}", {"port": values})

    def bind(self, port: str, host: str | None) -> bool:
        """Bind the port to a host, to none for None; False where Networking cannot wire it there.

        Only a service may do this, so it is done as this service's own user, if it has one (contract of Nova, 6.3).
        """
        if self.session.own_token is None:
            return True
        bound = Networks(self.session, None).update_port(port, {"binding:host_id": host})
        return bound.get("binding:vif_type") != "binding_failed"

    def delete_port(self, port: str) -> None:
        """Delete the port, if it still exists."""
        try:
            self.ask("DELETE", f"ports/{port}")
        except Refusal as refusal:
            if refusal.answered != 404:
                raise

    def groups(self, ids: Iterable[str]) -> list[Item]:
        """The security groups with these ids that exist, with `id` and `name`."""
        return self._by_id("security-groups", ids, ("id", "name"))

    def project_groups(self, project: str) -> list[Item]:
        """The project's security groups, with `id` and `name`."""
        return self.list_items("security-groups", {"tenant_id": project, "fields": ["id", "name"]})

    def _by_id(self, plural: str, ids: Iterable[str], fields: Iterable[str]) -> list[Item]:
        selection = {"fields": list(fields)} if fields else {}
        return [item for chunk in _chunks(ids) for item in self.list_items(plural, {"id": chunk, **selection})]

    def list_items(self, plural: str, query: Item) -> list[Item]:
        items: list[Item] = self.ask("GET", plural, query)[plural.replace("-", "_")]
        return items

    def item(self, method: str, path: str, body: Item | None = None) -> Item:
        """The one object in the answer, without its envelope."""
        (item,) = self.ask(method, path, body=body).values()
        return dict(item)

    def ask(self, method: str, path: str, query: Item | None = None, body: Item | None = None) -> Item:
        """The answer's JSON, {} for an empty one. Raises Refusal, UNREACHABLE where there is no answer."""
        try:
            answer = self.session.call(method, f"/v2.0/{path}", self.token, params=query, json=body)
        except requests.RequestException as error:
            LOG.warning("Networking cannot be reached: %s", type(error).__name__)
            raise _refusal(UNREACHABLE, "", "Networking cannot be reached") from None
        if answer.ok:
            return dict(answer.json()) if answer.content else {}
        try:
            refusal = answer.json()["NeutronError"]
            kind, message = str(refusal["type"]), str(refusal["message"])
        except (ValueError, KeyError, TypeError):
            kind, message = "", answer.reason
        LOG.info("Networking refused %s %s: %s %s", method, path, answer.status_code, kind)
        raise _refusal(answer.status_code, kind, message)


def _refusal(answered: int, kind: str, message: str) -> Refusal:
    """The error of Networking, with the status that Compute's own answer has."""
    status = answered if answered in (401, 403) else 500
    return Refusal(status, NAMES[status], message, answered=answered, type=kind)


def _chunks(ids: Iterable[str]) -> Iterator[list[str]]:
    """The different ids, at most CHUNK at a time."""
    pending = list(dict.fromkeys(ids))
    for start in range(0, len(pending), CHUNK):
        yield pending[start : start + CHUNK]
