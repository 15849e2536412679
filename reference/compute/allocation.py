"""The ports of one server: created or bound when it is built, released when it is deleted (C-BUILD-002 to 012).

`allocate` may be repeated for a server whose builder has died: existing ports are used before new ones are created.
`release` may be repeated, too.
"""

from typing import Any

from reference.compute import groups
from reference.compute.admission import AUTO, NONE
from reference.compute.network_client import Item, Networks, Refusal
from reference.wsgi.errors import Problem

ZONE = "nova"
OWNER = f"compute:{ZONE}"
UNBOUND = {"device_id": "", "device_owner": ""}
FAILED = "Failed to allocate the network(s), not rescheduling."
# type of a refusal after which a retry is useless -> the message of the server's fault
_FINAL = {
    "InvalidIpForNetwork": "Invalid input received: Fixed IP {ip} is not a valid ip address for network {network}.",
    "IpAddressAlreadyAllocated": "Fixed IP address {ip} is already in use.",
    "IpAddressInUse": "Fixed IP address {ip} is already in use.",
    "IpAddressGenerationFailure": "No fixed IP addresses available for network: {network}",
}

Nic = dict[str, Any]  # {"port_id", "made", "tag"}; "made" is true where Compute created the port


class Abort(Exception):
    """The build has failed for good; the text goes into the fault (C-BUILD-004)."""


class Later(Exception):
    """The build has failed, and may be tried again (C-BUILD-006)."""


def allocate(networks: Networks, server: Any, *, host: str, admin: bool, resume: bool) -> list[Nic]:
    """The server's network interfaces, in the order of the request.

    `server` is its row, `host` where it is built; `admin` is whether the request was an admin's, `resume` whether an
    earlier builder may have created ports. Raises Abort or Later.
    """
    if server.networks == NONE:
        return []
    try:
        items = chosen_networks(networks, server)
        _require_usable(items, server, admin=admin)
        guards = groups.resolve(networks, server.project_id, server.security_groups)
        leftover = _left_behind(networks, server) if resume else []
        nics = [attach(networks, server, item, guards, leftover) for item in items]
        for nic in nics:
            if not networks.bind(nic["port_id"], host):
                raise Later(f"Binding failed for port {nic['port_id']}, check Networking's logs for more information.")
        for port in leftover:
            networks.delete_port(port["id"])
        return nics
    except Refusal as refusal:
        raise Later(f"{refusal.answered} {refusal.type}: {refusal.message}") from refusal
    except Problem as problem:  # security groups may have changed meanwhile
        raise Later(problem.message) from problem


def release(networks: Networks, server: Any) -> None:
    """Delete the ports that Compute created for the server, unbind the user's own. Raises Refusal (C-SRV-016)."""
    own_ports = supplied(server)
    for port in networks.ports_of([server.id]):
        if port["id"] in own_ports:
            unbind(networks, port["id"])
        else:
            networks.delete_port(port["id"])


def unbind(networks: Networks, port: str) -> None:
    """Unbind a port that the user created: it has no device and no host afterwards. Raises Refusal."""
    networks.update_port(port, UNBOUND)
    networks.bind(port, None)


def supplied(server: Any) -> set[str]:
    """The ids of the user's own ports, named by the boot request or attached later."""
    items = server.networks if isinstance(server.networks, list) else []
    attached = {nic["port_id"] for nic in server.nics or [] if not nic["made"]}
    return attached | {item["port"] for item in items if item.get("port")}


def port_values(server: Any, network: str, address: str | None = None, guards: list[str] | None = None) -> Item:
    """The properties of a new port for the server on a network, with an address and security groups if given."""
    values: Item = {
        "network_id": network,
        "tenant_id": server.project_id,
        "device_id": server.id,
        "device_owner": OWNER,
        "admin_state_up": True,
    }
    return {
        **values,
        **({"fixed_ips": [{"ip_address": address}]} if address else {}),
        **({"security_groups": guards} if guards else {}),
    }


def chosen_networks(networks: Networks, server: Any) -> list[Item]:
    """The items to attach the server to, each with its `network` unless it names a port. Raises Abort or Later."""
    if server.networks == AUTO:
        return [{"network": automatic_network(networks, server)}]
    if not server.networks:
        return [{"network": network} for network in _only(networks.available(server.project_id, only_up=False))]
    by_id = {item["id"]: item for item in networks.networks(i["uuid"] for i in server.networks if i.get("uuid"))}
    for item in server.networks:
        if item.get("uuid") and item["uuid"] not in by_id:
            raise Later(f"Network {item['uuid']} could not be found.")
    return [item if item.get("port") else {**item, "network": by_id[item["uuid"]]} for item in server.networks]


def automatic_network(networks: Networks, server: Any) -> Item:
    """The one network that is available, allocated where there is none (C-NET-021, C-NET-022). Raises Abort, Later."""
    available = _only(networks.available(server.project_id, only_up=True))
    if available:
        return available[0]
    try:
        return networks.network(networks.topology(server.project_id))
    except Refusal as refusal:
        if refusal.answered in (404, 409):
            raise Abort(FAILED) from refusal
        raise


def _only(candidates: list[Item]) -> list[Item]:
    """The candidates, at most one. Raises Later for several."""
    if len(candidates) > 1:
        raise Later("Multiple possible networks found, use a Network ID to be more specific.")
    return candidates


def _require_usable(items: list[Item], server: Any, *, admin: bool) -> None:
    for network in (item["network"] for item in items if "network" in item):
        if network.get("router:external") and not network.get("shared") and not admin:
            raise Abort(f"It is not allowed to create an interface on external network {network['id']}")
        if not network["subnets"]:
            raise Later(f"Network {network['id']} has no subnet to guard ports of {server.id} in.")


def _left_behind(networks: Networks, server: Any) -> list[Item]:
    """The ports that an earlier builder has created for the server before it died."""
    own_ports = supplied(server)
    return [port for port in networks.ports_of([server.id]) if port["id"] not in own_ports]


def attach(networks: Networks, server: Any, item: Item, guards: list[str], leftover: list[Item]) -> Nic:
    """The interface of one item: on the port it names, on a port that is taken from `leftover`, or on a new port."""
    tag = item.get("tag")
    if item.get("port"):
        networks.update_port(item["port"], {"device_id": server.id, "device_owner": OWNER})
        return {"port_id": item["port"], "made": False, "tag": tag}
    network, address = item["network"]["id"], item.get("fixed_ip")
    for port in leftover:
        if port["network_id"] == network:
            leftover.remove(port)
            return {"port_id": port["id"], "made": True, "tag": tag}
    try:
        port = networks.create_port(port_values(server, network, address, guards))
    except Refusal as refusal:
        if refusal.type in _FINAL:
            raise Abort(_FINAL[refusal.type].format(ip=address, network=network)) from refusal
        raise
    return {"port_id": port["id"], "made": True, "tag": tag}
