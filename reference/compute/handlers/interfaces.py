"""The ports of a running server, attached and detached one at a time (C-SRV-010 to C-SRV-013)."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.engine import Connection, Row

from reference.compute import allocation, locks, servers, timestamps
from reference.compute.allocation import Nic
from reference.compute.context import Service, require_member, require_reader
from reference.compute.errors import fault
from reference.compute.microversion import Version, version_of
from reference.compute.network_client import Item, Networks, Refusal
from reference.compute.schemas.interfaces import ATTACH
from reference.compute.tables import servers as table
from reference.wsgi.errors import Problem
from reference.wsgi.routes import Answer, Call, Operation, Route

ATTACH_ACTION, DETACH_ACTION = "attach_interface", "detach_interface"


class Interfaces:
    """The handlers of os-interface."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def routes(self) -> list[Route]:
        path = "/v2.1/servers/{server}/os-interface"
        return [
            Route("GET", path, self.index, Operation(errors=(403, 404))),
            Route("POST", path, self.attach, Operation(errors=(403, 404, 409, 415), body=ATTACH.schemas[-1])),
            Route("GET", f"{path}/{{port}}", self.show, Operation(errors=(403, 404))),
            Route("DELETE", f"{path}/{{port}}", self.detach, Operation(202, (403, 404, 409), answer=None)),
        ]

    def index(self, call: Call) -> Answer:
        server = self._find(call)
        require_reader(call, "os_compute_api:os-attach-interfaces:list")
        ports = self.service.networks(call).ports_of([server.id])
        return Answer({"interfaceAttachments": [view(server, port, version_of(call)) for port in ports]})

    def show(self, call: Call) -> Answer:
        server = self._find(call)
        require_reader(call, "os_compute_api:os-attach-interfaces:show")
        return Answer({"interfaceAttachment": view(server, self._port(call, server), version_of(call))})

    def attach(self, call: Call) -> Answer:
        requested = ATTACH.body(call).get("interfaceAttachment", {})
        require_sense(requested)
        server = self._find(call)
        require_member(call, "os_compute_api:os-attach-interfaces:create")
        locks.require_open(call, server)
        _require_rest(server, ATTACH_ACTION)
        attach = self._bring if "port_id" in requested else self._make
        port, row = attach(call, self.service.networks(call), server, requested)
        return Answer({"interfaceAttachment": view(row, port, version_of(call))})

    def detach(self, call: Call) -> Answer:
        server, port = self._find(call), call.params["port"]
        require_member(call, "os_compute_api:os-attach-interfaces:delete")
        locks.require_open(call, server)
        _require_rest(server, DETACH_ACTION)
        networks = self.service.networks(call)
        if port in allocation.supplied(server):
            allocation.unbind(networks, port)
        elif any(item["id"] == port for item in networks.ports_of([server.id])):
            _let_go(networks, port)
        self._keep(call, server.id, DETACH_ACTION, lambda nics: [nic for nic in nics if nic["port_id"] != port])
        return Answer(status=202)

    def _bring(self, call: Call, networks: Networks, server: Row[Any], requested: Item) -> tuple[Item, Row[Any]]:
        """Attach a port of the user's own; the port and the server's new row. Raises Problem (400, 404, 409, 500)."""
        port = requested["port_id"]
        details = _translated(lambda: networks.port(port), f"Port id {port} could not be found.")
        if details["device_id"]:
            raise fault(409, f"Port {port} is still in use.")
        if not details["fixed_ips"]:
            raise fault(400, f"Port {port} requires a FixedIP in order to be used.")
        nic: Nic = {"port_id": port, "made": False, "tag": requested.get("tag")}
        # first recorded as the user's port, as after a crash a port of Compute's would be deleted
        self._keep(call, server.id, ATTACH_ACTION, lambda nics: [*nics, nic])
        bound = networks.update_port(port, {"device_id": server.id, "device_owner": allocation.OWNER})
        try:
            _wire(networks, server, port)
            return bound, self._find(call)
        except Problem:
            allocation.unbind(networks, port)  # it cannot be wired, or the server has been deleted meanwhile
            raise

    def _make(self, call: Call, networks: Networks, server: Row[Any], requested: Item) -> tuple[Item, Row[Any]]:
        """Attach a new port on the network named, or on the only one; the port and the server's new row.

        Raises Problem (400, 403, 404, 409, 500).
        """
        network = usable_network(call, networks, requested.get("net_id") or only_network(networks, server.project_id))
        address = requested.get("fixed_ips", [{}])[0].get("ip_address")
        if address and networks.address_holders(network, address):
            raise fault(409, f"Fixed IP {address} is already in use.")
        values = allocation.port_values(server, network, address)
        port = _translated(lambda: networks.create_port(values), f"Network {network} could not be found.")
        nic: Nic = {"port_id": port["id"], "made": True, "tag": requested.get("tag")}
        try:
            _wire(networks, server, port["id"])
            return port, self._keep(call, server.id, ATTACH_ACTION, lambda nics: [*nics, nic])
        except Problem:
            networks.delete_port(port["id"])  # it cannot be wired, or the server has been deleted meanwhile
            raise

    def _keep(self, call: Call, server: str, action: str, change: Callable[[list[Nic]], list[Nic]]) -> Row[Any]:
        """The server's row after a change of its NICs. Raises Problem: 404, 409 unless it is active and at rest."""

        def work(tx: Connection) -> Row[Any]:
            row = servers.find(tx, call, server, lock=True)
            _require_rest(row, action)
            values = {"nics": change(row.nics or []), "updated_at": timestamps.now()}
            tx.execute(table.update().where(table.c.id == server).values(**values))
            servers.record(tx, call, server, action, f"compute_{action}")
            return servers.find(tx, call, server)

        return self.service.store.write(work)

    def _find(self, call: Call) -> Row[Any]:
        with self.service.store.read() as tx:
            return servers.find(tx, call, call.params["server"])

    def _port(self, call: Call, server: Row[Any]) -> Item:
        """The port of the path, if it is one of the server's. Raises Problem (404)."""
        for port in self.service.networks(call).ports_of([server.id]):
            if port["id"] == call.params["port"]:
                return port
        raise fault(404, f"Port id {call.params['port']} could not be found.")


def _wire(networks: Networks, server: Row[Any], port: str) -> None:
    """Bind the port to the server's host. Raises Problem: 500 where Networking cannot wire it there."""
    if not networks.bind(port, server.host):
        raise fault(500, f"Binding failed for port {port}.")


def _let_go(networks: Networks, port: str) -> None:
    """Delete the port. Raises Problem: 409 where Networking refuses, for instance if it is a router's interface now."""
    try:
        networks.delete_port(port)
    except Refusal as refusal:
        if refusal.answered != 409:
            raise
        raise fault(409, f"Port {port} cannot be detached: {refusal.message}") from None


def _require_rest(server: Row[Any], action: str) -> None:
    """Refuse an action on a server that is not active, or that has a task. Raises Problem (409)."""
    if server.vm_state != "active" or server.task_state:
        state = f"task_state {server.task_state}" if server.vm_state == "active" else f"vm_state {server.vm_state}"
        raise fault(409, f"Cannot '{action}' instance {server.id} while it is in {state}")


def require_sense(requested: Item) -> None:
    """Refuse properties that exclude each other. Raises Problem (400)."""
    if "net_id" in requested and "port_id" in requested:
        raise fault(400, "Must not input both network_id and port_id")
    if "fixed_ips" in requested and "net_id" not in requested:
        raise fault(400, "Must input network_id when request IP address")


def only_network(networks: Networks, project: str) -> str:
    """The id of the only network available to the project; none is allocated (C-SRV-012). Raises Problem (400)."""
    available = networks.available(project, only_up=False)
    if not available:
        raise fault(400, f"No specific network was requested and none are available for project '{project}'.")
    if len(available) > 1:
        raise fault(400, "Multiple possible networks found, use a Network ID to be more specific.")
    return str(available[0]["id"])


def usable_network(call: Call, networks: Networks, network: str) -> str:
    """The network's id, if it can have a port with an address. Raises Problem (400, 403, 404)."""
    candidates = networks.networks([network])
    if not candidates:
        raise fault(404, f"Network {network} could not be found.")
    if candidates[0].get("router:external") and not candidates[0].get("shared") and not call.caller.is_admin:
        raise fault(403, f"It is not allowed to create an interface on external network {network}")
    if not candidates[0]["subnets"]:
        raise fault(400, f"Network {network} requires a subnet in order to attach an interface to it.")
    return network


def _translated(call: Callable[[], Item], not_found: str) -> Item:
    """The result of a call of Networking, whose errors become this resource's (C-SRV-013).

    Raises Problem: 400, 403, 404 with the message `not_found`.
    """
    try:
        return call()
    except Refusal as refusal:
        if refusal.answered == 404:
            raise fault(404, not_found) from None
        if refusal.type == "OverQuota":
            raise fault(403, "Maximum number of ports exceeded") from None
        if refusal.answered in (400, 409):
            raise fault(400, refusal.message) from None
        raise


def view(server: Row[Any], port: Item, version: Version) -> Item:
    """A port as an interface attachment; its tag from version 2.70 on."""
    tags = {nic["port_id"]: nic["tag"] for nic in server.nics or []}
    return {
        "net_id": port["network_id"],
        "port_id": port["id"],
        "mac_addr": port["mac_address"],
        "port_state": port["status"],
        "fixed_ips": [{name: ip[name] for name in ("subnet_id", "ip_address")} for ip in port["fixed_ips"]],
        **({"tag": tags.get(port["id"])} if version >= (2, 70) else {}),
    }
