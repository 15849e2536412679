"""The beginnings of stories of Networking: requests as data, valid bodies, and scenes made of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from fuzzing.plans import Pairs, Part, Plan
from fuzzing.values import Ref

from differential.sides import CALLERS
from reference.network import RESOURCES

Story = tuple[Plan, ...]
MEMBER, OTHER, _ADMIN = (project for project, _roles in CALLERS.values())

# collection -> a body that is valid where the scene has been created
BODIES: Mapping[str, Mapping[str, Any]] = {
    "networks": {"name": "n"},
    "subnets": {"network_id": Ref("networks", 1), "ip_version": 4, "cidr": "10.1.7.0/24"},
    "subnetpools": {"name": "p", "prefixes": ["10.3.0.0/16"]},
    "ports": {"network_id": Ref("networks", 1)},
    "routers": {"name": "r"},
    "floatingips": {"floating_network_id": Ref("external", 0)},
    "security-groups": {"name": "g"},
    "security-group-rules": {"security_group_id": Ref("security-groups", 0), "direction": "ingress"},
    "rbac-policies": {
        "object_type": "network",
        "object_id": Ref("networks", 1),
        "action": "access_as_shared",
        "target_tenant": OTHER,
    },
}
_NET, _SUBNET, _GROUP = Ref("networks", 1), Ref("subnets", 2), Ref("security-groups", 0)
COLLECTIONS = {resource.path.rpartition("/")[2]: resource for resource in RESOURCES}


def request(
    method: str, *path: Part, caller: str = "member", body: Any = None, query: Pairs = (), tail: str = ""
) -> Plan:
    """A request to Networking; `path` is what comes after /v2.0."""
    return Plan("network", method, ("", "v2.0", *path), tail, query, (), body, caller)


def creation(collection: str, caller: str = "member", **attributes: Any) -> Plan:
    """The POST of an object with those attributes."""
    return request("POST", collection, caller=caller, body={COLLECTIONS[collection].singular: attributes})


_NETWORK = creation("networks", name="n")
# services draw addresses from here; no request names one, as it might be in use on one side only
_DRAWN = [{"start": "10.1.0.100", "end": "10.1.0.190"}]
_V4 = creation("subnets", network_id=_NET, ip_version=4, cidr="10.1.0.0/24", allocation_pools=_DRAWN)
_V6 = creation("subnets", network_id=_NET, ip_version=6, cidr="fd00:1::/64")
_PORT = creation("ports", network_id=_NET)
_ROUTER = creation("routers", external_gateway_info={"network_id": Ref("external", 0)})
_PLUG = request("PUT", "routers", Ref("routers", 0), "add_router_interface", body={"subnet_id": _SUBNET})
_POOL = creation("subnetpools", name="p", prefixes=["10.3.0.0/16"], min_prefixlen=24)
_FLOATING = creation("floatingips", floating_network_id=Ref("external", 0), port_id=Ref("ports", 0))
# one object of each collection, most of them in use
FULL: Story = (
    _NETWORK,
    _V4,
    _ROUTER,
    _PLUG,
    _PORT,
    _FLOATING,
    _POOL,
    creation("security-groups", name="g"),
    creation("security-group-rules", **BODIES["security-group-rules"]),
    creation("rbac-policies", **BODIES["rbac-policies"]),
)
# several of a kind, with values that can be told apart, and sorted by
MANY: Story = (
    request("POST", "networks", body={"networks": [{"name": name, "description": "d"} for name in "bcac"]}),
    request("PUT", "networks", _NET, "tags", body={"tags": ["a", "b"]}),
    request("PUT", "networks", Ref("networks", 2), "tags", body={"tags": ["a"]}),
    request("PUT", "networks", Ref("networks", 3), body={"network": {"admin_state_up": False, "mtu": 1300}}),
    _V4,
    creation("subnets", network_id=_NET, ip_version=6, cidr="fd00:1::/64", name="b"),
    creation("subnets", network_id=Ref("networks", 2), ip_version=4, cidr="10.4.0.0/24", enable_dhcp=False, name="a"),
    creation("security-groups", name="g"),
    creation("security-groups", name="a", description="b"),
    request("POST", "ports", body={"ports": [{"network_id": _NET, "name": name, "tags": [name]} for name in "bab"]}),
    creation("ports", network_id=_NET, fixed_ips=[{"ip_address": "10.1.0.200"}], device_id="d", security_groups=[]),
    creation("routers", name="b"),
    creation("routers", name="a", external_gateway_info={"network_id": Ref("external", 0)}),
    request("PUT", "routers", Ref("routers", 1), "add_router_interface", body={"subnet_id": _SUBNET}),
    _FLOATING,
    creation("floatingips", floating_network_id=Ref("external", 0), description="b"),
)
SCENES: Sequence[Story] = (
    FULL,
    MANY,
    MANY,
    MANY,
    (_NETWORK,),
    (_NETWORK, _V4),
    (_NETWORK, _V4, _PORT),
    (_NETWORK, _V4, creation("security-groups", name="g")),
    (_NETWORK, _V6),
    (_NETWORK, _V4, _V6, _PORT),
    (_NETWORK, _V4, _ROUTER, _PLUG, _PORT),
    (
        _NETWORK,
        _V4,
        _ROUTER,
        _PLUG,
        _PORT,
        creation("floatingips", floating_network_id=Ref("external", 0), port_id=Ref("ports", 0)),
    ),
    (_NETWORK, _POOL, creation("subnets", network_id=_NET, ip_version=4, subnetpool_id=Ref("subnetpools", 2))),
    (_NETWORK, _V4, creation("rbac-policies", **BODIES["rbac-policies"])),
    (
        creation("networks", caller="admin", name="s", shared=True),
        creation("subnets", "admin", network_id=_NET, ip_version=4, cidr="10.1.0.0/24", allocation_pools=_DRAWN),
        _ROUTER,
    ),
    (_NETWORK, _V4, _V6, _ROUTER, _PLUG, _PORT, _PORT),
)
