"""The ports of a running server, attached and detached one at a time (C-SRV-010 to C-SRV-013)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.engine import Connection, Row

from reference.compute import allocation, servers, times
from reference.compute.allocation import Nic
from reference.compute.faults import fault
from reference.compute.microversion import Version, version_of
from reference.compute.networks import Item, Networks, Refusal
from reference.compute.schemas.interfaces import ATTACH
from reference.compute.service import Service, require_member
from reference.compute.tables import servers as table
from reference.wsgi.errors import Problem
from reference.wsgi.service import Answer, Call, Route


class Interfaces:
    """The handlers of os-interface."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def routes(self) -> list[Route]:
        path = "/v2.1/servers/{server}/os-interface"
        return [
            Route("GET", path, self.index),
            Route("POST", path, self.attach),
            Route("GET", f"{path}/{{port}}", self.show),
            Route("DELETE", f"{path}/{{port}}", self.detach),
        ]

    def index(self, call: Call) -> Answer:
        server = self._find(call)
        ports = self.service.networks(call).ports_of([server.id])
        return Answer({"interfaceAttachments": [_view(server, port, version_of(call)) for port in ports]})

    def show(self, call: Call) -> Answer:
        server = self._find(call)
        return Answer({"interfaceAttachment": _view(server, self._port(call, server), version_of(call))})

    def attach(self, call: Call) -> Answer:
        wanted = ATTACH.body(call).get("interfaceAttachment", {})
        _require_sense(wanted)
        server = self._find(call)
        require_member(call, "os_compute_api:os-attach-interfaces:create")
        networks = self.service.networks(call)
        self._change_nics(call, server.id, lambda nics: nics)  # refuses a server that is not at rest
        attach = self._bring if "port_id" in wanted else self._make
        port, row = attach(call, networks, server, wanted)
        return Answer({"interfaceAttachment": _view(row, port, version_of(call))})

    def detach(self, call: Call) -> Answer:
        server = self._find(call)
        require_member(call, "os_compute_api:os-attach-interfaces:delete")
        port = self._port(call, server)["id"]
        self._change_nics(call, server.id, lambda nics: nics)
        networks = self.service.networks(call)
        if port in allocation.supplied(server):
            networks.update_port(port, allocation.UNBOUND)
        else:
            networks.delete_port(port)
        self._change_nics(call, server.id, lambda nics: [nic for nic in nics if nic["port_id"] != port])
        return Answer(status=202)

    def _bring(self, call: Call, networks: Networks, server: Row[Any], wanted: Item) -> tuple[Item, Row[Any]]:
        """Attach a port of the user's."""
        port = wanted["port_id"]
        found = _asked(lambda: networks.port(port), f"Port {port} could not be found.")
        if found["device_id"]:
            raise fault(409, f"Port {port} is still in use.")
        nic: Nic = {"port_id": port, "made": False, "tag": wanted.get("tag")}
        # first the note whose port it is, so that whatever happens next, it is not taken for one of ours
        row = self._change_nics(call, server.id, lambda nics: [*nics, nic])
        return networks.update_port(port, {"device_id": server.id, "device_owner": allocation.OWNER}), row

    def _make(self, call: Call, networks: Networks, server: Row[Any], wanted: Item) -> tuple[Item, Row[Any]]:
        """Attach a new port on the network named, or on the only one there is."""
        network = wanted.get("net_id") or _only_network(networks, server.project_id)
        address = wanted.get("fixed_ips", [{}])[0].get("ip_address")
        if address and networks.address_in_use(network, address):
            raise fault(400, f"Fixed IP address {address} is already in use.")
        values = allocation.port_values(server, network, address)
        port = _asked(lambda: networks.create_port(values), f"Network {network} could not be found.")
        nic: Nic = {"port_id": port["id"], "made": True, "tag": wanted.get("tag")}
        try:
            return port, self._change_nics(call, server.id, lambda nics: [*nics, nic])
        except Problem:
            networks.delete_port(port["id"])  # the server went away meanwhile
            raise

    def _change_nics(self, call: Call, server: str, change: Callable[[list[Nic]], list[Nic]]) -> Row[Any]:
        """The server with its NICs changed. Errors: 404, 409 while it is not active and at rest."""

        def work(tx: Connection) -> Row[Any]:
            row = servers.find(tx, call, server, lock=True)
            if row.vm_state != "active" or row.task_state:
                state = f"task_state {row.task_state}" if row.task_state else f"vm_state {row.vm_state}"
                raise fault(409, f"Cannot 'attach_interface' instance {server} while it is in {state}")
            values = {"nics": change(row.nics or []), "updated_at": times.now()}
            tx.execute(table.update().where(table.c.id == server).values(**values))
            return servers.find(tx, call, server)

        return self.service.store.write(work)

    def _find(self, call: Call) -> Row[Any]:
        with self.service.store.read() as tx:
            return servers.find(tx, call, call.params["server"])

    def _port(self, call: Call, server: Row[Any]) -> Item:
        for port in self.service.networks(call).ports_of([server.id]):
            if port["id"] == call.params["port"]:
                return port
        raise fault(404, f"No interface {call.params['port']} on instance {server.id}.")


def _require_sense(wanted: Item) -> None:
    if "net_id" in wanted and "port_id" in wanted:
        raise fault(400, "Must not input both network_id and port_id")
    if "fixed_ips" in wanted and "net_id" not in wanted:
        raise fault(400, "Must input network_id when request IP address")


def _only_network(networks: Networks, project: str) -> str:
    """There is no `auto` here: the network must be there, and be the only one (C-SRV-012). Errors: 400."""
    found = networks.available(project, only_up=False)
    if not found:
        raise fault(400, f"No specific network was requested and none are available for project '{project}'.")
    if len(found) > 1:
        raise fault(400, "Multiple possible networks found, use a Network ID to be more specific.")
    return str(found[0]["id"])


def _asked(question: Callable[[], Item], missing: str) -> Item:
    """Networking's answer, its refusals in this resource's terms (C-SRV-013). Errors: 400, 403, 404."""
    try:
        return question()
    except Refusal as refused:
        if refused.answered == 404:
            raise fault(404, missing) from None
        if refused.type == "OverQuota":
            raise fault(403, "Maximum number of ports exceeded") from None
        if refused.answered in (400, 409):
            raise fault(400, refused.told) from None
        raise


def _view(server: Row[Any], port: Item, version: Version) -> Item:
    tags = {nic["port_id"]: nic["tag"] for nic in server.nics or []}
    return {
        "net_id": port["network_id"],
        "port_id": port["id"],
        "mac_addr": port["mac_address"],
        "port_state": port["status"],
        "fixed_ips": [{name: ip[name] for name in ("subnet_id", "ip_address")} for ip in port["fixed_ips"]],
        **({"tag": tags.get(port["id"])} if version >= (2, 70) else {}),
    }
