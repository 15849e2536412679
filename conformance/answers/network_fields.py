"""The fields of Networking's objects: what determines the value of each."""

from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any

from conformance.answers import comparisons as same
from conformance.answers.facts import UNKNOWN
from conformance.answers.rules import Field, Fields, Scene, identity, known, one_of, opaque, ours, owner, sent, since

FEWEST_BITS = {4: 8, 6: 64}  # IP version -> the shortest prefix of subnets from a pool that names none
ALL_BITS = {4: 32, 6: 128}
PORT_STATUSES = ("ACTIVE", "BUILD", "DOWN", "ERROR", "N/A")


def _described(**more: Field) -> Fields:
    """What every object has; a name of a field that is no Python name comes with `_` for each other character."""
    return {
        "id": identity(),
        "project_id": owner(),
        "tenant_id": owner(),
        "description": sent("description", ""),
        "tags": sent("tags", [], same.unordered),
        "created_at": ours(lambda scene: scene.facts.born, same.about_then, constant=True),
        "updated_at": since("created_at"),
        "revision_number": opaque(rising=True),
        **more,
    }


def version_of(body: Mapping[str, Any]) -> int:
    """The IP version of a pool that a POST describes, 0 where its prefixes are invalid. Raises nothing."""
    try:
        return int(ip_network(body["prefixes"][0], strict=False).version)
    except (LookupError, TypeError, ValueError):
        return 0


def _first_host(body: Mapping[str, Any]) -> Any:
    """The gateway of an IPv4 subnet whose POST names none: the first address of its prefix."""
    try:
        network = ip_network(str(body["cidr"]), strict=False)
    except (KeyError, ValueError):
        return UNKNOWN
    return str(network[1]) if network.version == 4 and network.num_addresses > 2 else UNKNOWN


def _shortest(body: Mapping[str, Any]) -> Any:
    return FEWEST_BITS.get(version_of(body), UNKNOWN)


def _usual(body: Mapping[str, Any]) -> Any:
    """The default prefix length of a pool's subnets where the POST names none: the pool's shortest."""
    return body.get("min_prefixlen", _shortest(body))


def _subnets_made(scene: Scene) -> Any:
    """The subnets that were made on the network, and are there."""
    subnets = frozenset(id_ for id_, since in scene.facts.parts.items() if since < scene.invoked)
    return subnets if subnets and scene.user_owns else UNKNOWN


def _gateway_network(shown: Any, expected: Any) -> bool:
    """A gateway is on the network that was named; null or an empty object means no gateway."""
    if not expected:
        return not shown
    return bool(shown["network_id"] == expected["network_id"])


def _without_port(scene: Scene) -> Any:
    """Without a port, a floating IP has no router and no fixed address."""
    return None if scene.item.get("port_id", UNKNOWN) is None else UNKNOWN


def _by_subnet(shown: Any) -> dict[str, frozenset[str]]:
    """The addresses of a port by their subnet."""
    subnets = {str(entry["subnet_id"]) for entry in shown}
    return {
        subnet: frozenset(str(entry["ip_address"]) for entry in shown if entry["subnet_id"] == subnet)
        for subnet in subnets
    }


def _gateway_addresses(shown: Any) -> dict[str, frozenset[str]]:
    return _by_subnet(shown["external_fixed_ips"])


def _fixed_ips_sent(shown: Any, expected: Any) -> bool:
    """Each address or subnet that was asked for is among those of the port."""
    return all(any(request.items() <= entry.items() for entry in shown) for request in expected)


def _group(scene: Scene) -> Any:
    """The id of the security group that a rule is shown in, or was made for."""
    return scene.parent or scene.facts.sent.get("security_group_id", UNKNOWN)


def _of_group(name: str) -> Any:
    """What the security group shows that the rule is in."""
    return lambda scene: scene.world.look_up("security_group", _group(scene)).first.get(name, UNKNOWN)


def _details(scene: Scene) -> Any:
    """What a floating IP has to show of its port: the port's fields that never change; None without a port."""
    port = scene.item["port_id"]
    shown = scene.world.look_up("port", port).first
    return port and ({name: shown[name] for name in ("network_id", "mac_address") if name in shown} or UNKNOWN)


def _detailed(shown: Any, expected: Any) -> bool:
    return shown == expected if expected is None else bool(expected.items() <= shown.items())


NETWORK: Fields = _described(
    name=sent("name", ""),
    admin_state_up=sent("admin_state_up", True, same.truths),
    shared=sent("shared", False, same.truths, lasting=False),
    is_default=sent("is_default", False, same.truths, lasting=False),  # goes with router:external
    subnets=known(_subnets_made, same.at_least),
    mtu=sent("mtu", same=same.texts, constant=True),
    status=one_of("ACTIVE", "BUILD", "DOWN", "ERROR"),
    **{
        "router:external": sent("router:external", False, same.truths, lasting=False)
    },  # hidden from some users by a policy
)

SUBNET: Fields = _described(
    name=sent("name", ""),
    network_id=sent("network_id", constant=True),
    ip_version=sent("ip_version", same=same.texts, constant=True),
    cidr=sent("cidr", same=same.prefixes, constant=True),
    gateway_ip=sent("gateway_ip", _first_host, same.addresses, nulls=True),
    allocation_pools=sent("allocation_pools", same=same.unordered),
    enable_dhcp=sent("enable_dhcp", True, same.truths),
    dns_nameservers=sent("dns_nameservers", [], same.unordered),
    host_routes=sent("host_routes", [], same.unordered),
    ipv6_ra_mode=sent("ipv6_ra_mode", None, nulls=True),
    ipv6_address_mode=sent("ipv6_address_mode", None, nulls=True),
    subnetpool_id=sent("subnetpool_id", lasting=False),
)

PORT: Fields = _described(
    name=sent("name", ""),
    network_id=sent("network_id", constant=True),
    mac_address=sent("mac_address", same=same.macs, constant=True),
    admin_state_up=sent("admin_state_up", True, same.truths),
    device_id=sent("device_id", "", lasting=False),
    device_owner=sent("device_owner", "", lasting=False),
    fixed_ips=sent("fixed_ips", same=_fixed_ips_sent, lasting=False, steady=_by_subnet),
    security_groups=sent("security_groups", same=same.unordered),
    allowed_address_pairs=sent("allowed_address_pairs", []),
    status=one_of(*PORT_STATUSES),
    **{
        "binding:vnic_type": sent("binding:vnic_type", "normal"),
        "binding:host_id": sent("binding:host_id", "", lasting=False),
        "binding:profile": sent("binding:profile", {}, lasting=False),
        "binding:vif_type": opaque(),
        "binding:vif_details": opaque(),
    },
)

ROUTER: Fields = _described(
    name=sent("name", ""),
    admin_state_up=sent("admin_state_up", True, same.truths),
    routes=sent("routes", [], same.unordered, lasting=False),
    external_gateway_info=sent(
        "external_gateway_info", None, _gateway_network, lasting=False, nulls=True, steady=_gateway_addresses
    ),
    status=one_of("ACTIVE", "ALLOCATING", "BUILD", "DOWN", "ERROR"),
)

FLOATING_IP: Fields = _described(
    floating_network_id=sent("floating_network_id", constant=True),
    floating_ip_address=sent("floating_ip_address", same=same.addresses, constant=True),
    port_id=sent("port_id", None, lasting=False, nulls=True),
    fixed_ip_address=known(_without_port),
    router_id=known(_without_port),
    port_details=known(_details, _detailed),
    status=one_of("ACTIVE", "DOWN", "ERROR"),
)

SECURITY_GROUP: Fields = _described(
    name=sent("name"),
    security_group_rules=opaque(),  # these are objects themselves, and judged one by one
)

SECURITY_GROUP_RULE: Fields = _described(
    project_id=known(_of_group("project_id"), constant=True),
    tenant_id=known(_of_group("project_id"), constant=True),
    security_group_id=ours(_group, sent_as="security_group_id", constant=True),
    direction=sent("direction", constant=True),
    ethertype=sent("ethertype", "IPv4", constant=True),
    protocol=sent("protocol", None, same.texts, nulls=True, constant=True),
    port_range_min=sent("port_range_min", None, same.texts, nulls=True, constant=True),
    port_range_max=sent("port_range_max", None, same.texts, nulls=True, constant=True),
    remote_group_id=sent("remote_group_id", None, nulls=True, constant=True),
    remote_ip_prefix=sent("remote_ip_prefix", None, nulls=True, constant=True),
)

SUBNET_POOL: Fields = _described(
    name=sent("name"),
    prefixes=sent("prefixes", same=same.lists_of_prefixes, lasting=False),
    ip_version=sent("ip_version", version_of, same.texts, constant=True),
    default_prefixlen=sent("default_prefixlen", _usual, same.texts),
    min_prefixlen=sent("min_prefixlen", _shortest, same.texts),
    max_prefixlen=sent("max_prefixlen", lambda body: ALL_BITS.get(version_of(body), UNKNOWN), same.texts),
    default_quota=sent("default_quota", None, nulls=True),
    address_scope_id=sent("address_scope_id", None, nulls=True),
    is_default=sent("is_default", False, same.truths),
    shared=sent("shared", False, same.truths, lasting=False),
)

RBAC_POLICY: Fields = {
    "id": identity(),
    "project_id": owner(),
    "tenant_id": owner(),
    "object_type": sent("object_type", constant=True),
    "object_id": sent("object_id", constant=True),
    "action": sent("action", constant=True),
    "target_tenant": sent("target_tenant"),
}

QUOTA: Fields = {
    name: sent(name, same=same.texts)
    for name in (
        "floatingip",
        "network",
        "port",
        "rbac_policy",
        "router",
        "security_group",
        "security_group_rule",
        "subnet",
        "subnetpool",
    )
}

TOPOLOGY: Fields = {"id": opaque(), "project_id": owner(), "tenant_id": owner()}
