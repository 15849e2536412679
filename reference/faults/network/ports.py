"""Faults in ports and security groups."""

from reference.faults.catalogue import entry, table
from reference.faults.seams import (
    around,
    as_role,
    attribute,
    broken,
    forgiving,
    refused_with,
    refusing,
    replaced,
    seen_by_all,
    unchanged,
    unfiltered,
    updating,
    without_keys,
)
from reference.network import tables
from reference.network.ipam import addressing
from reference.network.resources import ports, security_groups
from reference.network.rest.resource import owned

table(
    entry("ports-have-no-groups", "N-PORT-001")(
        "A port that names no security group has none.",
        around(ports, "add_port")(
            lambda right, tx, values, *more, **named: right(tx, {"security_groups": [], **values}, *more, **named)
        ),
    ),
    entry("members-bind-ports", "N-PORT-004", "N-RBAC-002")(
        "A member may say where a port is bound.", attribute(ports.RESOURCE, "binding:host_id", admin=False)
    ),
    entry("members-see-where-ports-are-bound", "N-PORT-004")(
        "A member sees where a port is bound.", as_role(ports.RESOURCE, "view", "admin")
    ),
    entry("ports-are-not-bound", "N-PORT-002")(
        "Where a port is bound is accepted and not stored.", unchanged(ports.RESOURCE, "binding:host_id")
    ),
    entry("ports-are-not-told-by-their-address", "N-PORT-005")(
        "The filter fixed_ips of the list of ports is accepted and ignored.", unfiltered(ports.RESOURCE, "fixed_ips")
    ),
    entry("ports-are-not-told-by-their-device", "N-PORT-005")(
        "The filter device_id of the list of ports is accepted and ignored.", unfiltered(ports.RESOURCE, "device_id")
    ),
    entry("ports-stay-with-their-device", "N-PORT-006")(
        "An empty device_id does not detach a port.",
        updating(ports.RESOURCE)(
            lambda _row, values: values if values.get("device_id", "x") else without_keys(values, "device_id")
        ),
    ),
    entry("unknown-ports-are-deleted", "N-PORT-006")(
        "An unknown port is answered 410.", refused_with("PortNotFound", 410)
    ),
    entry("addresses-in-use-are-bad-requests", "N-PORT-007")(
        "An address in use is refused with 400.", refused_with("IpAddressAlreadyAllocated", 400)
    ),
    entry("macs-in-use-are-bad-requests", "N-PORT-007")(
        "A MAC address in use is refused with 400.", refused_with("MacAddressInUse", 400)
    ),
    entry("owners-of-networks-see-their-own-ports", "N-PORT-015")(
        "The owner of a network sees its own ports on it, and not those of others.",
        replaced(ports.RESOURCE, "visible", owned(tables.ports)),
    ),
    entry("everybody-sees-every-port", "N-PORT-015")("Ports of other projects are seen.", seen_by_all(ports.RESOURCE)),
    entry("default-groups-let-nothing-in", "N-PORT-011")(
        "The default security group has rules for what goes out alone.",
        around(security_groups, "add_rules")(
            lambda right, tx, project, group, allowed: right(tx, project, group, allowed[:1])
        ),
    ),
    entry("default-groups-let-everybody-in", "N-PORT-021")(
        "The default security group lets in what anybody sends.",
        around(security_groups, "add_rules")(
            lambda right, tx, project, group, allowed: right(
                tx, project, group, [(direction, None) for direction, _group in allowed]
            )
        ),
    ),
    entry("default-groups-let-out-to-members", "N-PORT-021")(
        "The default security group lets out what goes to its own members alone.",
        around(security_groups, "add_rules")(
            lambda right, tx, project, group, allowed: right(
                tx, project, group, [(direction, group) for direction, _group in allowed]
            )
        ),
    ),
    entry("members-delete-the-default-group", "N-PORT-013")(
        "A member may delete its default security group.", as_role(security_groups.RESOURCE, "delete", "admin")
    ),
    entry("ports-without-address", "N-PORT-008")(
        "Where no address is left, a port is made without one.",
        forgiving(addressing, "take", kind="IpAddressGenerationFailure"),
    ),
    entry("no-address-left-is-500", "N-PORT-008")(
        "Where no address is left, the service breaks.", refusing(addressing, "take")(broken)
    ),
)
