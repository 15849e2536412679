"""Lists of Networking's collections: filters, which are those of the reference's tables, sorting and pages."""

from typing import Any

from fuzzing.plans import Pairs
from fuzzing.values import PICK, Draw, Ref, chance, pick

from differential.near import near
from differential.scenes import MEMBER
from reference.network.rest import lists
from reference.network.rest.resource import Resource
from reference.network.rest.validators import schema_of

# parameter -> values that objects of the scenes have
FITTING = {
    "name": ("a", "b", "c", "n", "g", "default"),
    "description": ("d", "b", ""),
    "tags": ("a", "b", "a,b", "x"),
    "tags-any": ("a", "b", "a,b", "x,b"),
    "not-tags": ("a", "b", "a,b", "x"),
    "not-tags-any": ("a", "b", "a,b", "x"),
    "fixed_ips": ("ip_address=10.1.0.200", "ip_address_substr=10.1", "ip_address_substr=200", "x=1", "x"),
    "cidr": ("10.1.0.0/24", "10.4.0.0/24"),
    "ip_version": ("4", "6", "5"),
    "gateway_ip": ("10.1.0.1", "fd00:1::1"),
    "device_owner": ("network:router_interface", "network:router_gateway", "network:floatingip", ""),
    "device_id": ("d", ""),
    "mtu": ("1300", "1450"),
    "status": ("ACTIVE", "DOWN", "active"),
    "direction": ("ingress", "egress"),
    "ethertype": ("IPv4", "IPv6", "ipv4"),
    "fixed_ip_address": ("10.1.0.5",),
    "action": ("access_as_shared", "access_as_external"),
    "object_type": ("network", "subnetpool"),
    **dict.fromkeys(("admin_state_up", "shared", "router:external", "is_default", "enable_dhcp"), ("true", "False")),
}


# attributes whose values each service chooses at random, so that both sort differently by them
_OF_CHANCE = {"mac_address", "floating_ip_address", "fixed_ip_address"}


def orders(resource: Resource) -> list[str]:
    """The sort keys by which a list has one order at both services."""
    return sorted(lists.sort_keys(resource) - _OF_CHANCE)


def query_of(draw: Draw, collection: str, resource: Resource) -> Pairs:
    """A query of one parameter, seldom of none or two, or of a page in an order."""
    if chance(draw, 4):
        return _sorted_page(draw, collection, resource)
    count = pick(draw, (0, 1, 1, 1, 2))
    drawn = (pick(draw, (_filter, _fitting, _fitting, _page)) for _ in range(count))
    return tuple(pair for one in drawn for pair in one(draw, resource))


def _sorted_page(draw: Draw, collection: str, resource: Resource) -> Pairs:
    """A list in the order of one key or two, perhaps a page of it, after or before an object."""
    keys = [pick(draw, orders(resource) or ["id"]) for _ in range(pick(draw, (1, 1, 2)))]
    order = tuple(("sort_key", key) for key in keys)
    directions = tuple(("sort_dir", pick(draw, ("asc", "desc"))) for _ in keys)
    page = (("limit", pick(draw, ("1", "2", "3", "100"))), ("marker", Ref(collection, draw(PICK))))
    back = (("page_reverse", pick(draw, ("True", "true", "False"))),)
    more = pick(draw, ((), (), page[:1], page, page, (*page[:1], *back), (*page, *back)))
    filters = _fitting(draw, resource) if chance(draw, 3) else ()
    return (*order, *directions, *more, *filters)


def _fitting(draw: Draw, resource: Resource) -> Pairs:
    """A filter that some object of a scene may pass; seldom with several values, or with chosen fields."""
    names = [name for name in lists.filterable(resource) if name in FITTING]
    if not names:
        return ()
    name = pick(draw, names)
    values = [pick(draw, FITTING[name]) for _ in range(pick(draw, (1, 1, 1, 2)))]
    fields = (("fields", name), ("fields", "id")) if chance(draw, 6) else ()
    return (*((name, value) for value in values), *fields)


def _filter(draw: Draw, resource: Resource) -> Pairs:
    """A filter, or an unknown parameter."""
    name = pick(
        draw, (*lists.filterable(resource), *(attribute.name for attribute in resource.attributes), "unknown", "id")
    )
    attribute = resource.by_name.get(name)
    drawn = near(draw, name, schema_of(attribute.check) if attribute else {"type": "string"})
    values = drawn if isinstance(drawn, list) else [drawn]
    fixed = pick(draw, ("", "x", "1", "true", "ACTIVE", Ref("networks", 1), Ref("subnets", 2), MEMBER, "n", "a,b"))
    scalar = [item for item in values if isinstance(item, str | int | Ref)] if chance(draw, 2) else [fixed]
    return tuple((name, _word(item)) for item in scalar[:2])


def _word(item: Any) -> Any:
    return item if isinstance(item, str | Ref) else str(item)


def _page(draw: Draw, resource: Resource) -> Pairs:
    keys = (*resource.by_name, "id", "project_id", "tenant_id", "unknown")
    sort = pick(draw, keys)
    return tuple(
        pick(
            draw,
            (
                (("limit", "1"),),
                (("limit", "0"),),
                (("limit", "-1"),),
                (("limit", "x"),),
                (("limit", ""),),
                (("limit", "1000"),),
                (("limit", "1"), ("page_reverse", "True")),
                (("marker", "x"),),
                (("marker", Ref("networks", 1)), ("limit", "2")),
                (("marker", ""),),
                (("sort_key", sort),),
                (("sort_key", sort), ("sort_dir", "asc")),
                (("sort_key", sort), ("sort_dir", "x")),
                (("sort_dir", "asc"),),
                (("sort_key", "name"), ("sort_key", "id"), ("sort_dir", "asc"), ("sort_dir", "desc")),
                (("fields", "id"),),
                (("fields", "x"),),
                (("fields", ""),),
                (("fields", sort),),
                (("page_reverse", "x"),),
            ),
        )
    )
