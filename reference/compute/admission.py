"""What a boot request is told about its networks before it is accepted (C-NET-009 to C-NET-033, C-ERR-010 to 020).

Two moments: `requested` reads the body, without asking anyone; `room` asks Networking. Nothing is created here.
"""

import uuid
from typing import Any

from reference.compute.errors import fault
from reference.compute.network_client import Networks, Refusal

AUTO, NONE = "auto", "none"
Wanted = str | list[dict[str, Any]]  # AUTO, NONE, or items of {"uuid", "port", "fixed_ip", "tag"}; [] says nothing


def requested(items: str | list[dict[str, Any]] | None) -> Wanted:
    """The networks a body asks for, its items found to make sense. Errors: 400."""
    if items is None or isinstance(items, str):
        return items or []
    wanted: list[dict[str, Any]] = []
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
            wanted.append({"port": port, "tag": item.get("tag")})
        elif network is None:
            raise fault(400, "Bad network format: missing 'uuid'")
        else:
            _require_uuid(network)
            wanted.append({"uuid": network, "fixed_ip": item.get("fixed_ip"), "tag": item.get("tag")})
    return wanted


def refuse_copies(wanted: Wanted, count: int) -> None:
    """An address or a port cannot be given to several servers (C-MULTI-007). Errors: 400."""
    if count == 1 or isinstance(wanted, str):
        return
    if any(item.get("fixed_ip") for item in wanted):
        raise fault(400, "max_count cannot be greater than 1 if a fixed_ip is specified.")
    if any(item.get("port") for item in wanted):
        raise fault(400, "Unable to launch multiple instances with a single configured port ID.")


def room(networks: Networks, project: str, wanted: Wanted, most: int) -> int:
    """How many of `most` servers the port quota lets pass, the request found right otherwise.

    Errors: 400, 403, 409 as the contract has them; those of Networking.
    """
    if wanted == NONE:
        return most
    each = _named(networks, wanted) if wanted and wanted != AUTO else _unnamed(networks, project, wanted)
    if each == 0:
        return most
    limit = networks.port_quota(project)
    if limit < 0:
        return most
    held = networks.port_count(project)
    if held > limit:
        raise fault(403, f"The number of defined ports: {held} is over the limit: {limit}")
    return min(most, (limit - held) // each)


def _unnamed(networks: Networks, project: str, wanted: Wanted) -> int:
    """`auto`, or nothing said: one network must be the obvious one, or, for `auto`, it must be possible to make it."""
    found = networks.available(project, only_up=False)
    if len(found) > 1:
        raise fault(409, "Multiple possible networks found, use a Network ID to be more specific.")
    if not found and wanted == AUTO and not networks.allocatable(project):
        raise fault(400, f"Unable to automatically allocate a network for project {project}")
    return 1


def _named(networks: Networks, wanted: Wanted) -> int:
    """Networks and ports by id: all there, usable, free. Answers the number of ports to be made."""
    items = [item for item in wanted if isinstance(item, dict)]
    for item in items:
        if item.get("port"):
            _usable_port(networks, item["port"])
    ids = [item["uuid"] for item in items if item.get("uuid")]
    for item in items:
        if item.get("fixed_ip"):
            holders = networks.address_holders(item["uuid"], item["fixed_ip"])
            if holders:
                raise fault(400, f"Fixed IP address {item['fixed_ip']} is already in use on instance {holders[0]}.")
    found = {network["id"]: network for network in networks.networks(ids)}
    for network in found.values():
        if not network["subnets"]:
            raise fault(400, f"Network {network['id']} requires a subnet in order to boot instances on.")
    missing = [network for network in dict.fromkeys(ids) if network not in found]
    if missing:
        raise fault(400, f"Network {', '.join(missing)} could not be found.")
    return len(ids)


def _usable_port(networks: Networks, port: str) -> None:
    try:
        found = networks.port(port)
    except Refusal as refused:
        if refused.answered == 404:
            raise fault(400, f"Port id {port} could not be found.") from None
        raise
    if found.get("device_id"):
        raise fault(409, f"Port {port} is still in use.")
    if not found.get("fixed_ips") and found.get("ip_allocation") not in ("deferred", "none"):
        raise fault(400, f"Port {port} requires a FixedIP in order to be used.")


def _require_uuid(network: str) -> None:
    try:
        uuid.UUID(network)
    except ValueError:
        message = f"Bad networks format: network uuid is not in proper format ({network})"
        raise fault(400, message) from None
