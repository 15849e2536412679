"""Faults in how a boot request is read, and for what it is refused."""

from collections.abc import Callable
from typing import Any

from reference.catalogue import Plant
from reference.compute import admission, allocation, flavors, groups, image_client
from reference.compute.errors import fault as compute_error
from reference.compute.handlers import create
from reference.compute.network_client import Networks
from reference.faults.catalogue import entry, fault, table
from reference.faults.compute.boot_schema import requested
from reference.faults.seams import (
    Wrapper,
    around,
    changed,
    crash,
    forgiving,
    lacking,
    refusing,
    replaced,
    together,
    without,
    without_keys,
)


def _requested_items(change: Callable[[list[Any]], list[Any]]) -> Plant:
    """Let `change(items)` work on the networks of a body if they are a list."""
    return requested(lambda items: change(items) if isinstance(items, list) else items)


_ANY_IMAGE = forgiving(image_client, "bootable", {}, words="find requested image")


def _refused_with(name: str, status: int, instead: int) -> Plant:
    """Let that check refuse with another status."""
    return refusing(admission, name)(
        lambda problem: compute_error(instead, problem.message) if problem.status == status else problem
    )


table(
    entry("empty-is-auto", "C-NET-010", row="DEF-C-006")(
        "An empty list is taken for auto.", requested(lambda items: "auto" if items == [] else items)
    ),
    entry("empty-is-none", "C-NET-020", row="DEF-C-006")(
        "An empty list is taken for none.", requested(lambda items: "none" if items == [] else items)
    ),
    entry("empty-items-are-ignored", "C-NET-011")(
        "An item with neither uuid nor port is passed over.",
        _requested_items(lambda items: [item for item in items if item]),
    ),
    entry("the-network-counts-before-the-port", "C-NET-012")(
        "In an item with both uuid and port, the port is ignored.",
        _requested_items(lambda items: [without_keys(item, "port") if item.get("uuid") else item for item in items]),
    ),
    entry("a-port-may-have-a-fixed-ip", "C-NET-013")(
        "The fixed_ip of an item with a port is passed over.",
        _requested_items(
            lambda items: [without_keys(item, "fixed_ip") if item.get("port") else item for item in items]
        ),
    ),
    entry("a-port-may-come-twice", "C-NET-014", row="DEF-C-039")(
        "The same port in two items counts once.",
        _requested_items(
            lambda items: [
                item for number, item in enumerate(items) if not item.get("port") or item not in items[:number]
            ]
        ),
    ),
    entry("a-network-counts-once", "C-NET-015")(
        "The same network in two items gives one port.",
        _requested_items(lambda items: [item for number, item in enumerate(items) if item not in items[:number]]),
    ),
    entry("unknown-flavors-are-404", "C-ERR-023")(
        "A server of a flavor that does not exist is refused with 404.",
        around(flavors, "find")(lambda right, tx, flavor, *, status: right(tx, flavor, status=404)),
    ),
    entry("images-are-not-looked-up", "C-ERR-024")("A server of an image that does not exist is accepted.", _ANY_IMAGE),
    entry("an-image-may-be-missing", "C-ERR-024")(
        "A server of no image is accepted.",
        together(forgiving(create, "boot_image", "00000000-0000-4000-8000-000000000000", words="imageRef"), _ANY_IMAGE),
    ),
    entry("images-need-no-data", "C-ERR-025")(
        "A server of an image that is not active is accepted.",
        forgiving(image_client, "bootable", {}, words="not active"),
    ),
    entry("the-first-of-two-groups-is-meant", "C-ERR-026")(
        "If two security groups have the requested name, the request gets the first.",
        forgiving(groups, "resolve", [], words="Multiple"),
    ),
    entry("ports-need-no-address", "C-ERR-015")(
        "A port without an address is accepted.", forgiving(admission, "require_usable_port", None, words="FixedIP")
    ),
    entry("addresses-are-not-looked-up", "C-ERR-016")(
        "A fixed_ip that a port has already is accepted.",
        replaced(Networks, "address_holders", lambda _self, _network, _address: []),
    ),
    entry("a-wrong-address-is-forgotten", "C-ERR-017")(
        "A server whose fixed_ip is outside its network gets another one.",
        lacking(allocation, "port_values", "fixed_ips"),
    ),
    entry("members-say-where", "C-ERR-034")(
        "A member may say which host a server is to be on.", without(create, "require_admin")
    ),
    entry("readers-boot-too", "C-ERR-031", "K-007")("A reader may make servers.", without(create, "require_member")),
    entry("ports-are-counted-later", "C-ERR-019", row="DEF-C-035")(
        "A request is accepted though the quota leaves no port for it.",
        replaced(Networks, "port_quota", lambda _self, _project: -1),
    ),
    entry("no-limit-of-ports-is-a-crash", "C-ERR-020", row="DEF-C-032")(
        "A port quota of -1 ends in a 500.",
        changed(Networks, "port_quota", lambda limit: crash() if limit < 0 else limit),
    ),
    entry("none-takes-any-group", "C-NET-029")(
        "With none a security group that does not exist is passed over.", forgiving(groups, "resolve", [], status=400)
    ),
    entry("unknown-networks-are-accepted", "C-ERR-011")(
        "A network that does not exist is noticed by the builder alone.",
        forgiving(admission, "ports_of_named", 1, status=400),
    ),
    entry("unknown-networks-are-404", "C-ERR-011")(
        "A network that does not exist is refused with 404.", _refused_with("ports_of_named", 400, 404)
    ),
    entry("networks-need-no-subnet", "C-ERR-012")(
        "A network without a subnet is accepted.", forgiving(admission, "ports_of_named", 1, words="requires a subnet")
    ),
    entry("unknown-ports-are-404", "C-ERR-013")(
        "A port that does not exist is refused with 404.", _refused_with("require_usable_port", 400, 404)
    ),
    entry("ports-in-use-are-accepted", "C-ERR-014")(
        "A port that has a device is taken from it.", forgiving(admission, "require_usable_port", None, status=409)
    ),
    entry("ports-in-use-are-400", "C-ERR-014")(
        "A port that has a device is refused with 400.", _refused_with("require_usable_port", 409, 400)
    ),
    entry("any-key-will-do", "C-ERR-027")(
        "A key pair that does not exist is passed over.", without(create, "refuse_key")
    ),
)


@fault("C-BUILD-010", at=around(admission, "room"))
def the_only_network_needs_a_subnet(
    right: Wrapper, networks: Networks, project: str, attachment: Any, most: int
) -> int:
    """A request is refused at once if the only network has no subnet."""
    available = networks.available(project, only_up=False) if attachment == admission.AUTO else []
    if any(not network["subnets"] for network in available):
        raise compute_error(400, "the network requires a subnet")
    return int(right(networks, project, attachment, most))


@fault("C-ERR-019", "C-ERR-020", at=around(admission, "room"), row="DEF-C-033")
def no_limit_of_ports_is_less_than_none(
    right: Wrapper, networks: Networks, project: str, attachment: Any, most: int
) -> int:
    """A port quota of -1 is taken for a number."""
    if attachment != admission.NONE and networks.port_quota(project) < 0:
        raise compute_error(403, "The number of defined ports is over the limit: -1")
    return int(right(networks, project, attachment, most))


@fault("C-ERR-018", at=around(admission, "ports_of_named"), row="DEF-C-021")
def external_networks_are_refused_at_once(right: Wrapper, networks: Networks, attachment: Any) -> int:
    """An external network that is not shared is refused with 403."""
    for network in networks.networks(item["uuid"] for item in attachment if item.get("uuid")):
        if network.get("router:external"):
            raise compute_error(403, "external")
    return int(right(networks, attachment))
