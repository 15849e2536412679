"""Stories of requests to Networking, made of the reference's own tables of attributes and filters.

A story is a scene, which is likely to succeed, and a few steps, each of which is likely to be refused for one reason at
most: a request with three faults shows only which one is checked first.
"""

from collections.abc import Callable, Sequence
from typing import Any

from fuzzing.plans import Part, Plan, generated
from fuzzing.values import Draw, Ref, chance, pick
from hypothesis import strategies as st

from differential.near import near
from differential.queries import query_of
from differential.scenes import BODIES, COLLECTIONS, MEMBER, OTHER, SCENES, Story, request
from differential.usage import USAGE
from reference.network.rest.resource import Attribute, Resource
from reference.network.rest.validators import schema_of

CALLER_WEIGHTS = ("member",) * 6 + ("admin",) * 3 + ("other",) * 2
LONGEST = 8  # steps after the scene
OWNER = (Attribute("project_id"), Attribute("tenant_id"), Attribute("unknown"))


def stories(count: int, number: int) -> list[Story]:
    """`count` stories, the same ones for the same seed `number`."""
    return generated(_story(), count, number)


@st.composite
def _story(draw: Draw) -> Story:
    scene = pick(draw, SCENES)
    steps = tuple(pick(draw, STEPS)(draw) for _ in range(draw(st.integers(1, LONGEST))))
    return (*scene, *steps)


def _resource(draw: Draw) -> tuple[str, Resource]:
    collection = pick(draw, tuple(BODIES))
    return collection, COLLECTIONS[collection]


def _item(draw: Draw, collection: str) -> Part:
    """One of the collection's objects that exist, seldom none."""
    return (
        pick(draw, ("x", "11111111-1111-1111-1111-111111111111"))
        if chance(draw, 12)
        else Ref(collection, draw(st.integers(0, 5)))
    )


def _caller(draw: Draw) -> str:
    return str(pick(draw, CALLER_WEIGHTS))


def _changes(draw: Draw, resource: Resource, attributes: Sequence[Attribute]) -> dict[str, Any]:
    """Values near valid ones of a few attributes, mostly of one."""
    names = (pick(draw, (*attributes, *attributes, *attributes, *OWNER)) for _ in range(pick(draw, (1, 1, 1, 2, 2, 3))))
    return {attribute.name: near(draw, attribute.name, schema_of(attribute.check)) for attribute in names}


def _create(draw: Draw) -> Plan:
    collection, resource = _resource(draw)
    postable = [attribute for attribute in resource.attributes if attribute.post or chance(draw, 9)]
    body = {**BODIES[collection], **(_changes(draw, resource, postable) if not chance(draw, 6) else {})}
    if chance(draw, 12):
        body.pop(pick(draw, tuple(body)))
    return request("POST", collection, caller=_caller(draw), body=_enveloped(draw, resource, body))


def _enveloped(draw: Draw, resource: Resource, body: Any) -> Any:
    """The body in its envelope, seldom in another one."""
    if not chance(draw, 25):
        return {resource.singular: body}
    one, many = resource.singular, resource.plural
    odd: tuple[Any, ...] = (
        {many: [body, body]},
        {many: [{one: body}]},
        {many: []},
        {many: {}},
        {one: None},
        {one: []},
        {one: "x"},
        {},
        [],
        body,
    )
    return pick(draw, (*odd, {one: body, "x": {}}, {one: body, many: [body]}, None, "x"))


def _update(draw: Draw) -> Plan:
    collection, resource = _resource(draw)
    writable = [attribute for attribute in resource.attributes if attribute.put or chance(draw, 9)]
    body = {} if chance(draw, 15) else _changes(draw, resource, writable)
    return request(
        "PUT", collection, _item(draw, collection), caller=_caller(draw), body=_enveloped(draw, resource, body)
    )


def _show(draw: Draw) -> Plan:
    collection, _resource_of = _resource(draw)
    query = pick(
        draw, ((), (), (("fields", "id"),), (("fields", "name"), ("fields", "x")), (("x", "1"),), (("fields", ""),))
    )
    tail = pick(draw, ("",) * 8 + (".json", "/"))
    return request("GET", collection, _item(draw, collection), caller=_caller(draw), query=query, tail=tail)


def _delete(draw: Draw) -> Plan:
    collection, _resource_of = _resource(draw)
    return request("DELETE", collection, _item(draw, collection), caller=_caller(draw))


def _list(draw: Draw) -> Plan:
    collection, resource = _resource(draw)
    tail = pick(draw, ("",) * 10 + (".json", "/"))
    return request("GET", collection, caller=_caller(draw), query=query_of(draw, collection, resource), tail=tail)


def _usual(draw: Draw) -> Plan:
    return pick(draw, USAGE)(draw, _caller(draw))


def _interface(draw: Draw) -> Plan:
    sides: tuple[Any, ...] = (
        {"subnet_id": Ref("subnets", draw(st.integers(2, 4)))},
        {"subnet_id": Ref("subnets", 2)},
        {"subnet_id": Ref("subnets", 0)},
        {"port_id": Ref("ports", draw(st.integers(0, 2)))},
        {"port_id": Ref("interfaces", 0)},
        {"subnet_id": Ref("subnets", draw(st.integers(2, 4))), "port_id": Ref("interfaces", 0)},
        {},
        {"x": 1},
        {"subnet_id": "x"},
        {"port_id": "x"},
        {"subnet_id": Ref("subnets", 2), "port_id": Ref("ports", 0)},
        {"subnet_id": None},
        None,
        [],
        {"port_id": "11111111-1111-1111-1111-111111111111"},
    )
    action = pick(draw, ("add_router_interface", "add_router_interface", "remove_router_interface"))
    return request(
        "PUT", "routers", Ref("routers", draw(st.integers(0, 2))), action, caller=_caller(draw), body=pick(draw, sides)
    )


def _interface_port(draw: Draw) -> Plan:
    """The port of a router's interface, shown, changed or deleted as a port."""
    item, caller = Ref("interfaces", draw(st.integers(0, 1))), _caller(draw)
    method = pick(draw, ("PUT", "PUT", "PUT", "GET", "DELETE"))
    ports = COLLECTIONS["ports"]
    writable = [attribute for attribute in ports.attributes if attribute.put]
    body = {"port": _changes(draw, ports, writable)} if method == "PUT" else None
    return request(method, "ports", item, caller=caller, body=body)


def _tags(draw: Draw) -> Plan:
    collection = pick(
        draw, ("networks", "subnets", "ports", "routers", "subnetpools", "floatingips", "security-groups")
    )
    where = (collection, _item(draw, collection), "tags")
    tag = pick(draw, ("a", "b", "a b", "a,b", "a" * 255, "a" * 256, "ä"))
    bodies = (
        {"tags": ["a", "b"]},
        {"tags": ["a", "a"]},
        {"tags": []},
        {"tags": None},
        {"tags": ["a" * 256]},
        *({"tags": [str(number) for number in range(most)]} for most in (50, 51)),
        {"tags": [5]},
        {"tags": ["a,b"]},
        {"tags": "a"},
        {},
        {"tags": ["a"], "x": 1},
    )
    return pick(
        draw,
        (
            request("PUT", *where, caller=_caller(draw), body=pick(draw, bodies)),
            request("PUT", *where, tag, caller=_caller(draw)),
            *(
                request(method, *where, *more, caller=_caller(draw))
                for method in ("GET", "DELETE")
                for more in ((), (tag,))
            ),
        ),
    )


def _quota(draw: Draw) -> Plan:
    project = pick(draw, (MEMBER, MEMBER, OTHER, "tenant", "project", "x"))
    names = (
        "network",
        "subnet",
        "port",
        "router",
        "floatingip",
        "subnetpool",
        "rbac_policy",
        "security_group",
        "security_group_rule",
        "unknown",
        "tenant_id",
    )
    limits = {
        pick(draw, names): near(draw, "limit", {"type": "integer", "minimum": -1})
        for _ in range(pick(draw, (0, 1, 1, 2)))
    }
    body = pick(draw, ({"quota": limits}, {"quota": limits}, {"quota": limits}, {"quota": None}, {}, None, limits))
    return pick(
        draw,
        (
            request("PUT", "quotas", project, caller=pick(draw, ("admin", "admin", "member")), body=body),
            *(
                request("GET", "quotas", project, *more, caller=_caller(draw))
                for more in ((), ("default",), ("details",))
            ),
            request("DELETE", "quotas", project, caller=pick(draw, ("admin", "member"))),
            request("GET", "quotas", caller=_caller(draw)),
        ),
    )


def _topology(draw: Draw) -> Plan:
    project = pick(draw, ("None", "None", MEMBER, OTHER, "none", "x"))
    query = pick(
        draw,
        ((), (("fields", "dry-run"),), (("fields", "x"),), (("fields", ""),), (("fields", "dry-run"), ("fields", "x"))),
    )
    method, body = pick(
        draw, (("GET", None), ("GET", None), ("DELETE", None), ("PUT", {"auto_allocated_topology": {}}), ("PUT", {}))
    )
    return request(
        method,
        "auto-allocated-topology",
        project,
        caller=_caller(draw),
        query=query if method == "GET" else (),
        body=body,
    )


def _prefixes(draw: Draw) -> Plan:
    prefixes: tuple[Any, ...] = (
        {"prefixes": near(draw, "prefixes", {"type": "array", "items": {"type": "string", "format": "cidr"}})},
        {},
        None,
    )
    action = pick(draw, ("add_prefixes", "remove_prefixes"))
    body = pick(draw, (prefixes[0], prefixes[0], *prefixes))
    return request(
        "PUT", "subnetpools", Ref("subnetpools", draw(st.integers(0, 3))), action, caller=_caller(draw), body=body
    )


def _elsewhere(draw: Draw) -> Plan:
    """Paths and methods beside the collections."""
    method, *path = pick(
        draw,
        (
            ("GET", "nothing"),
            ("DELETE", "networks"),
            ("PUT", "networks"),
            ("POST", "networks", "x"),
            ("GET", "networks", "x", "y"),
            ("GET", "extensions", "router"),
            ("GET", "extensions", "nothing"),
            ("POST", "auto-allocated-topology"),
            ("GET", "auto-allocated-topology"),
            ("POST", "routers", "x", "add_router_interface"),
            ("PATCH", "networks", "x"),
        ),
    )
    return request(method, *path, caller=_caller(draw), body={} if method in ("POST", "PUT") else None)


STEPS: Sequence[Callable[[Draw], Plan]] = (
    *(_usual,) * 14,
    *(_create,) * 10,
    *(_update,) * 7,
    *(_list,) * 7,
    *(_show,) * 2,
    *(_delete,) * 3,
    *(_interface,) * 3,
    _interface_port,
    *(_tags,) * 2,
    _quota,
    *(_topology,) * 2,
    _prefixes,
    _elsewhere,
)
