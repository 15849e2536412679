"""The checks of a boot request's networks before it is accepted (C-NET-009 to C-NET-033, C-ERR-010 to 020).

There are two: `requested` reads the body alone; `room` asks Networking. Nothing is created here.
"""

import uuid
from typing import Any

from reference.compute.errors import fault
from reference.compute.network_client import Networks, Refusal

AUTO, NONE = "auto", "none"
# AUTO, NONE, or items of {"uuid", "port", "fixed_ip", "tag"}; [] where the request names no network
RequestedNetworks = str | list[dict[str, Any]]


def requested(items: str | list[dict[str, Any]] | None) -> RequestedNetworks:
    """The networks that a body asks for, valid in themselves. Raises Problem (400)."""
    if items is None or isinstance(items, str):
        return items or []
    requested_items: list[dict[str, Any]] = []
    ports: set[str] = set()
    for item in items:
        port, network = item.get("port"), item.get("uuid")
        if port:
            if "fixed_ip" in item:
                address = item["fixed_ip"]
                raise fault(400, f"Specified Fixed IP '{address}' cannot be used with port '{port}': name one of them.")
            if port in ports:
                raise fault(400, f"Port ID '{port}' was specified twice: a port can be attached once.")
            ports.add(port)
            requested_items.append({"port": port, "tag": item.get("tag")})
        elif network is None:
            raise fault(400, "Bad network format: missing 'uuid'")
        else:
            require_uuid(network)
            requested_items.append({"uuid": network, "fixed_ip": item.get("fixed_ip"), "tag": item.get("tag")})
    return requested_items


def refuse_copies(attachment: RequestedNetworks, count: int) -> None:
    """Refuse one address or port for several servers (C-MULTI-007). Raises Problem (400)."""
    if count == 1 or isinstance(attachment, str):
        return
    if any(item.get("fixed_ip") for item in attachment):
        raise fault(400, "max_count cannot be greater than 1 if a fixed_ip is specified.")
    if any(item.get("port") for item in attachment):
        raise fault(400, "Unable to launch multiple instances with a single configured port ID.")


def room(networks: Networks, project: str, attachment: RequestedNetworks, most: int) -> int:
    """How many of `most` servers the port quota admits, after all other checks of the networks.

    Raises Problem (400, 403, 409); Refusal where Networking refuses otherwise.
    """
    if attachment == NONE:
        return most
    if attachment and attachment != AUTO:
        ports_each = ports_of_named(networks, attachment)
    else:
        ports_each = ports_of_unnamed(networks, project, attachment)
    if ports_each == 0:
        return most
    limit = networks.port_quota(project)
    if limit < 0:
        return most
    used = networks.port_count(project)
    if used > limit:
        raise fault(403, f"The number of defined ports: {used} is over the limit: {limit}")
    return min(most, (limit - used) // ports_each)


def ports_of_unnamed(networks: Networks, project: str, attachment: RequestedNetworks) -> int:
    """The number of ports of a server with `auto` or without networks. There must be one network, or for `auto` none
    and a topology that can be allocated. Raises Problem (400, 409).
    """
    available = networks.available(project, only_up=False)
    if len(available) > 1:
        raise fault(409, "Multiple possible networks found, use a Network ID to be more specific.")
    if not available and attachment == AUTO and not networks.allocatable(project):
        raise fault(400, f"Unable to automatically allocate a network for project {project}")
    return 1


def ports_of_named(networks: Networks, attachment: RequestedNetworks) -> int:
    """The number of ports to create per server, for networks and ports by id, all of which exist and are usable.

    Raises Problem (400, 409).
    """
    items = [item for item in attachment if isinstance(item, dict)]
    for item in items:
        if item.get("port"):
            require_usable_port(networks, item["port"])
    ids = [item["uuid"] for item in items if item.get("uuid")]
    for item in items:
        if item.get("fixed_ip"):
            holders = networks.address_holders(item["uuid"], item["fixed_ip"])
            if holders:
                raise fault(400, f"Fixed IP address {item['fixed_ip']} is already in use on instance {holders[0]}.")
    networks_by_id = {network["id"]: network for network in networks.networks(ids)}
    for network in networks_by_id.values():
        if not network["subnets"]:
            raise fault(400, f"Network {network['id']} requires a subnet in order to boot instances on.")
    missing = [network for network in dict.fromkeys(ids) if network not in networks_by_id]
    if missing:
        raise fault(400, f"Network {', '.join(missing)} could not be found.")
    return len(ids)


def require_usable_port(networks: Networks, port: str) -> None:
    try:
        details = networks.port(port)
    except Refusal as refusal:
        if refusal.answered == 404:
            raise fault(400, f"Port id {port} could not be found.") from None
        raise
    if details.get("device_id"):
        raise fault(409, f"Port {port} is still in use.")
    if not details.get("fixed_ips") and details.get("ip_allocation") not in ("deferred", "none"):
        raise fault(400, f"Port {port} requires a FixedIP in order to be used.")


def require_uuid(network: str) -> None:
    try:
        uuid.UUID(network)
    except ValueError:
        message = f"Bad networks format: network uuid is not in proper format ({network})"
        raise fault(400, message) from None
