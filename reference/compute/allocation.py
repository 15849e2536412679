"""The networking of one server: ports made or bound when it is built, given back when it goes (C-BUILD-002 to 012).

`allocate` may be run again for the same server after a builder died half-way: ports that are already there are used
before new ones are made. `release` may be run again too.
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
# types of refusal that another try cannot mend, and what the fault then says
_FINAL = {
    "InvalidIpForNetwork": "Invalid input received: Fixed IP {ip} is not a valid ip address for network {network}.",
    "IpAddressAlreadyAllocated": "Fixed IP address {ip} is already in use.",
    "IpAddressInUse": "Fixed IP address {ip} is already in use.",
    "IpAddressGenerationFailure": "No fixed IP addresses available for network: {network}",
}

Nic = dict[str, Any]  # {"port_id", "made", "tag"}; "made" where Compute created the port


class Abort(Exception):
    """The build has failed for good; the text goes into the fault (C-BUILD-004)."""


class Later(Exception):
    """The build has failed, and may be tried again (C-BUILD-006)."""


def allocate(networks: Networks, server: Any, *, host: str, admin: bool, resume: bool) -> list[Nic]:
    """The server's network interfaces, in the order in which the request named them.

    `server` is its row, `host` where it is built; `admin` tells whether the request was an admin's; with `resume` a
    builder has been here before.
    Errors: Abort, Later.
    """
    if server.networks == NONE:
        return []
    try:
        chosen = _chosen(networks, server)
        _require_usable(chosen, server, admin=admin)
        guards = groups.resolve(networks, server.project_id, server.security_groups)
        left = _left_behind(networks, server) if resume else []
        nics = [_attach(networks, server, item, guards, left) for item in chosen]
        for nic in nics:
            if not networks.bind(nic["port_id"], host):
                raise Later(f"Binding failed for port {nic['port_id']}, check Networking's logs for more information.")
        for port in left:
            networks.delete_port(port["id"])
        return nics
    except Refusal as refused:
        raise Later(f"{refused.answered} {refused.type}: {refused.told}") from refused
    except Problem as refused:  # of security groups that changed meanwhile
        raise Later(refused.message) from refused


def release(networks: Networks, server: Any) -> None:
    """Delete the ports Compute made for the server, unbind those the user brought. Errors: Refusal (C-SRV-016)."""
    brought = supplied(server)
    for port in networks.ports_of([server.id]):
        if port["id"] in brought:
            unbind(networks, port["id"])
        else:
            networks.delete_port(port["id"])


def unbind(networks: Networks, port: str) -> None:
    """Leave a port that the user brought as it came: no device's, on no host."""
    networks.update_port(port, UNBOUND)
    networks.bind(port, None)


def supplied(server: Any) -> set[str]:
    """The ids of the ports the user brought, by the request or by attaching them later."""
    asked = server.networks if isinstance(server.networks, list) else []
    kept = {nic["port_id"] for nic in server.nics or [] if not nic["made"]}
    return kept | {item["port"] for item in asked if item.get("port")}


def port_values(server: Any, network: str, address: str | None = None, guards: list[str] | None = None) -> Item:
    """The body of the port a server gets on a network."""
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


def _chosen(networks: Networks, server: Any) -> list[Item]:
    """What the server is to be attached to, each item with its `network` unless it names a port."""
    if server.networks == AUTO:
        return [{"network": _automatic(networks, server)}]
    if not server.networks:
        return [{"network": network} for network in _only(networks.available(server.project_id, only_up=False))]
    found = {item["id"]: item for item in networks.networks(i["uuid"] for i in server.networks if i.get("uuid"))}
    for item in server.networks:
        if item.get("uuid") and item["uuid"] not in found:
            raise Later(f"Network {item['uuid']} could not be found.")
    return [item if item.get("port") else {**item, "network": found[item["uuid"]]} for item in server.networks]


def _automatic(networks: Networks, server: Any) -> Item:
    """The one network there is to boot on, allocated if there is none (C-NET-021, C-NET-022)."""
    there = _only(networks.available(server.project_id, only_up=True))
    if there:
        return there[0]
    try:
        return networks.network(networks.topology(server.project_id))
    except Refusal as refused:
        if refused.answered in (404, 409):
            raise Abort(FAILED) from refused
        raise


def _only(found: list[Item]) -> list[Item]:
    if len(found) > 1:
        raise Later("Multiple possible networks found, use a Network ID to be more specific.")
    return found


def _require_usable(chosen: list[Item], server: Any, *, admin: bool) -> None:
    for network in (item["network"] for item in chosen if "network" in item):
        if network.get("router:external") and not network.get("shared") and not admin:
            raise Abort(f"It is not allowed to create an interface on external network {network['id']}")
        if not network["subnets"]:
            raise Later(f"Network {network['id']} has no subnet to guard ports of {server.id} in.")


def _left_behind(networks: Networks, server: Any) -> list[Item]:
    """Ports that an earlier builder made for the server before it died."""
    brought = supplied(server)
    return [port for port in networks.ports_of([server.id]) if port["id"] not in brought]


def _attach(networks: Networks, server: Any, item: Item, guards: list[str], left: list[Item]) -> Nic:
    """Bind the port named, take one of `left`, or make a new one."""
    tag = item.get("tag")
    if item.get("port"):
        networks.update_port(item["port"], {"device_id": server.id, "device_owner": OWNER})
        return {"port_id": item["port"], "made": False, "tag": tag}
    network, address = item["network"]["id"], item.get("fixed_ip")
    for port in left:
        if port["network_id"] == network:
            left.remove(port)
            return {"port_id": port["id"], "made": True, "tag": tag}
    try:
        port = networks.create_port(port_values(server, network, address, guards))
    except Refusal as refused:
        if refused.type in _FINAL:
            raise Abort(_FINAL[refused.type].format(ip=address, network=network)) from refused
        raise
    return {"port_id": port["id"], "made": True, "tag": tag}
