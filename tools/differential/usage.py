"""Common requests that are more than single changes: many objects in one request, moved addresses, repeated rules,
limits.

Values are few and chosen, so that requests of one story collide: the same rule twice, the last port of a quota, the
address of another port.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from fuzzing.plans import Plan
from fuzzing.values import Draw, Ref, chance, pick

from differential.near import neighbours
from differential.scenes import BODIES, COLLECTIONS, MEMBER, OTHER, request
from reference.network.rest.validators import schema_of

_HOSTS = ("10.1.0.10", "10.1.0.11", "10.1.0.200", "172.24.4.99", "10.9.9.9", "x", None)
# one rule in several spellings, and its neighbours
RULES: Sequence[Mapping[str, Any]] = (
    {},
    {"protocol": "tcp"},
    {"protocol": "6"},
    {"protocol": 6},
    {"protocol": "TCP"},
    {"protocol": "tcp", "port_range_min": 80, "port_range_max": 80},
    {"protocol": "tcp", "port_range_min": "80", "port_range_max": "80"},
    {"protocol": "tcp", "port_range_min": 80},
    {"protocol": "tcp", "port_range_max": 80},
    {"protocol": "tcp", "port_range_min": 90, "port_range_max": 80},
    {"protocol": "tcp", "port_range_min": 0, "port_range_max": 65535},
    {"protocol": "tcp", "port_range_min": 1, "port_range_max": 65535},
    {"protocol": "udp", "port_range_min": 53, "port_range_max": 53},
    {"protocol": "icmp", "port_range_min": 8},
    {"protocol": "icmp", "port_range_min": 8, "port_range_max": 0},
    {"protocol": "icmp", "port_range_min": 255, "port_range_max": 255},
    {"protocol": "icmp", "port_range_min": 256},
    {"protocol": "icmp", "port_range_min": 8, "port_range_max": 256},
    {"protocol": "icmp", "port_range_max": 0},
    {"protocol": "icmp", "ethertype": "IPv6"},
    {"protocol": "ipv6-icmp", "ethertype": "IPv6"},
    {"protocol": "icmpv6", "ethertype": "IPv6"},
    {"protocol": "58", "ethertype": "IPv6"},
    {"protocol": "icmpv6"},
    {"port_range_min": 80, "port_range_max": 80},
    {"protocol": "any"},
    {"protocol": None},
    {"protocol": "0"},
    {"protocol": "sctp", "port_range_min": 5, "port_range_max": 5},
    {"protocol": "gre", "port_range_min": 5, "port_range_max": 5},
    {"ethertype": "IPv6"},
    {"ethertype": "ipv4"},
    {"ethertype": None},
    {"remote_ip_prefix": "0.0.0.0/0"},
    {"remote_ip_prefix": "::/0"},
    {"remote_ip_prefix": "::/0", "ethertype": "IPv6"},
    {"remote_ip_prefix": "10.0.0.0/8"},
    {"remote_ip_prefix": "10.0.0.5/8"},
    {"remote_ip_prefix": "10.0.0.5"},
    {"remote_ip_prefix": "10.0.0.5/32"},
    {"remote_ip_prefix": "fd00::/64", "ethertype": "IPv6"},
    {"remote_ip_prefix": "FD00::/64", "ethertype": "IPv6"},
    {"remote_ip_prefix": ""},
    {"remote_group_id": Ref("security-groups", 0)},
    {"remote_group_id": Ref("security-groups", 1)},
    {"remote_group_id": Ref("security-groups", 0), "remote_ip_prefix": "10.0.0.0/8"},
    {"direction": "egress"},
    {"direction": "egress", "ethertype": "IPv6"},
    {"direction": "Ingress"},
    {"description": "d"},
    {"description": "d", "protocol": "tcp"},
)
_LIMITED = ("network", "subnet", "port", "router", "floatingip", "subnetpool", "security_group", "security_group_rule")


def bulk(draw: Draw, caller: str) -> Plan:
    """Several objects in one request, of which the last may be invalid."""
    collection = pick(draw, tuple(BODIES))
    resource = COLLECTIONS[collection]
    bodies = [_numbered(collection, number) for number in range(pick(draw, (1, 2, 2, 3)))]
    if not chance(draw, 3):
        attribute = pick(draw, [attribute for attribute in resource.attributes if attribute.post])
        bodies[-1] |= {attribute.name: pick(draw, neighbours(attribute.name, schema_of(attribute.check)))}
    if collection == "ports" and chance(draw, 2):
        bodies[0] |= {"tags": pick(draw, (["a"], ["a", "a"], [], ["a" * 256], None, "a", ["b", "a"]))}
    return request("POST", collection, caller=caller, body={resource.plural: bodies})


def _numbered(collection: str, number: int) -> dict[str, Any]:
    """A valid body that differs from that of other numbers where it has to."""
    body = dict(BODIES[collection])
    if collection == "subnets":
        body["cidr"] = f"10.1.{20 + number}.0/24"
    if collection == "security-group-rules":
        body |= {"protocol": "tcp", "port_range_min": 1000 + number, "port_range_max": 1000 + number}
    if collection == "rbac-policies":
        body["target_tenant"] = (OTHER, MEMBER, "f" * 32)[number]
    return body


def rule(draw: Draw, caller: str) -> Plan:
    """A rule that the group may have, in another spelling."""
    body = {**BODIES["security-group-rules"], **pick(draw, RULES)}
    return request("POST", "security-group-rules", caller=caller, body={"security_group_rule": body})


def association(draw: Draw, caller: str) -> Plan:
    """A floating IP that is created for a port, moved to another one, or taken away."""
    values: dict[str, Any] = {"port_id": pick(draw, (None, *(Ref("ports", number) for number in range(3))))}
    if chance(draw, 3):
        values["fixed_ip_address"] = pick(draw, _HOSTS)
    if pick(draw, (True, True, False)):
        item = Ref("floatingips", draw_number(draw))
        return request("PUT", "floatingips", item, caller=caller, body={"floatingip": values})
    if chance(draw, 3):
        values["floating_ip_address"] = pick(draw, _HOSTS)
    if chance(draw, 4):
        values["subnet_id"] = Ref("subnets", draw_number(draw))
    return request("POST", "floatingips", caller=caller, body={"floatingip": {**BODIES["floatingips"], **values}})


def addresses(draw: Draw, caller: str) -> Plan:
    """A port that gets other addresses, groups or another owner."""
    subnet = Ref("subnets", pick(draw, (2, 2, 3)))
    places = [
        {name: value for name, value in (("subnet_id", subnet), ("ip_address", pick(draw, _HOSTS))) if chance(draw, 2)}
        for _ in range(pick(draw, (0, 1, 1, 2)))
    ]
    values: dict[str, Any] = pick(
        draw,
        (
            {"fixed_ips": places},
            {"fixed_ips": places},
            {"security_groups": [Ref("security-groups", number) for number in range(draw_number(draw))]},
            {"port_security_enabled": False},
            {"allowed_address_pairs": [{"ip_address": "10.1.0.77"}]},
            {"device_id": "d", "device_owner": "compute:nova"},
            {"device_id": Ref("routers", 0), "device_owner": "network:router_interface"},
            {"admin_state_up": False, "name": "p"},
        ),
    )
    if pick(draw, (True, False)):
        return request("PUT", "ports", Ref("ports", draw_number(draw)), caller=caller, body={"port": values})
    return request("POST", "ports", caller=caller, body={"port": {**BODIES["ports"], **values}})


def limit(draw: Draw, _caller: str) -> Plan:
    """A small limit for a kind of which the scene has objects."""
    limits = {pick(draw, _LIMITED): pick(draw, (0, 1, 2, -1)) for _ in range(pick(draw, (1, 2)))}
    return request("PUT", "quotas", MEMBER, caller="admin", body={"quota": limits})


def sharing(draw: Draw, caller: str) -> Plan:
    """A network or a pool that is shared with others, or no longer."""
    kind, collection = pick(draw, (("network", "networks"), ("network", "networks"), ("subnetpool", "subnetpools")))
    target = pick(draw, (OTHER, OTHER, MEMBER, "*"))
    if chance(draw, 4):
        change = {"rbac_policy": {"target_tenant": target}}
        return request("PUT", "rbac-policies", Ref("rbac-policies", 0), caller=caller, body=change)
    if chance(draw, 5):
        return request("DELETE", "rbac-policies", Ref("rbac-policies", 0), caller=caller)
    body = {
        "object_type": kind,
        "object_id": Ref(collection, draw_number(draw)),
        "action": pick(draw, ("access_as_shared", "access_as_shared", "access_as_external", "x")),
        "target_tenant": target,
    }
    return request("POST", "rbac-policies", caller=caller, body={"rbac_policy": body})


def new_tags(draw: Draw, caller: str) -> Plan:
    """Tags that are added to those that an object has."""
    collection = pick(draw, ("networks", "ports", "routers", "security-groups"))
    body = pick(draw, ({"tags": ["a"]}, {"tags": ["c", "a"]}, {"tags": []}, {"tags": ["c", "c"]}, {"tags": None}, {}))
    return request("POST", collection, Ref(collection, draw_number(draw)), "tags", caller=caller, body=body)


def draw_number(draw: Draw) -> int:
    """The number of an object, small."""
    return int(pick(draw, (0, 0, 1, 2)))


USAGE = (bulk, bulk, rule, rule, association, association, addresses, addresses, limit, sharing, new_tags)
