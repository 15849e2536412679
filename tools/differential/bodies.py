"""Single requests to Compute and Identity, made from the reference's schemas, to be judged by these and by the real
ones.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from fuzzing.plans import Plan, generated
from fuzzing.values import Draw, Ref, chance, pick
from hypothesis import strategies as st

from differential.near import BY_NAME, near
from differential.scenes import Story
from reference.compute import server_list
from reference.compute.microversion import HEADER, MAXIMUM, MINIMUM, Version
from reference.compute.schemas import flavors, interfaces, keypairs, locks, quotas, servers
from reference.compute.schemas.history import History
from reference.identity import schemas
from reference.identity.admin import KINDS

ADMIN = "admin"  # the caller that tools/against signs in for such requests
SERVER: Mapping[str, Any] = {"name": "s", "flavorRef": "1", "imageRef": Ref("images", 0), "networks": "none"}
KEY = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDTIRyYRmBJkqNNPHDKcmZJdKHqQ5SKpXQ== a@b"
# path, the schemas of the body, and a body that fits them from 2.37 on
DIFFERENT: Sequence[tuple[str, tuple[Any, ...], History, Mapping[str, Any]]] = (
    ("POST", ("servers",), servers.CREATE, {"server": SERVER}),
    (
        "POST",
        ("servers", Ref("servers", 0), "os-interface"),
        interfaces.ATTACH,
        {"interfaceAttachment": {"net_id": Ref("networks", 0)}},
    ),
    ("POST", ("os-keypairs",), keypairs.IMPORT, {"keypair": {"name": "k", "public_key": KEY}}),
    ("PUT", ("os-quota-sets", Ref("projects", 0)), quotas.CHANGE, {"quota_set": {"instances": 5}}),
    ("POST", ("flavors",), flavors.CREATE, {"flavor": {"name": "f", "ram": 64, "vcpus": 1, "disk": 1}}),
    ("POST", ("servers", Ref("servers", 0), "action"), locks.ACTIONS["lock"], {"lock": None}),
    ("POST", ("servers", Ref("servers", 0), "action"), locks.ACTIONS["unlock"], {"unlock": None}),
    ("POST", ("servers", Ref("servers", 0), "action"), locks.ACTIONS[locks.CONSOLE], {locks.CONSOLE: {"length": 5}}),
)
COMPUTE = (*DIFFERENT, *[DIFFERENT[0]] * 7)  # repeated by how often each is chosen
LISTS: Mapping[tuple[str, ...], Sequence[str]] = {
    ("servers",): tuple(server_list.PARAMETERS),
    ("servers", "detail"): tuple(server_list.PARAMETERS),
    ("flavors",): ("limit", "marker", "sort_key", "sort_dir", "is_public", "minRam", "minDisk"),
    ("os-keypairs",): ("user_id", "limit", "marker"),
    ("os-quota-sets", "x"): ("user_id",),
    ("limits",): ("tenant_id", "reserved"),
    ("os-services",): ("host", "binary"),
}
WORDS = (
    "",
    "x",
    "1",
    "0",
    "-1",
    "true",
    "False",
    "2026-01-01T00:00:00Z",
    "2026-13-01",
    "(",
    "a,b",
    "name",
    "asc",
    "ACTIVE",
    "active",
    "10",
    "1.5",
    "99999999999",
    "locked",
    "uuid",
    "a" * 256,
)


def _any(names: Sequence[str]) -> dict[str, Any]:
    """Those properties, each with a schema that allows everything."""
    return {name: {} for name in names}


_SECRETS = {"method": "password", "user": {"name": "u", "domain": {"id": "default"}, "password": "p"}}
IDENTITY: Sequence[tuple[str, tuple[Any, ...], Mapping[str, Any], Mapping[str, Any]]] = (
    *(
        (
            method,
            (kind.plural, *item),
            {**schemas.KINDS[kind.singular], **_any(("options", "unknown"))},
            {kind.singular: {"name": "x"}},
        )
        for kind in KINDS
        for method, item in (("POST", ()), ("PATCH", ("x",)))
    ),
    (
        "POST",
        ("users", Ref("users", 0), "application_credentials"),
        schemas.APPLICATION_CREDENTIAL["properties"]["application_credential"]["properties"],
        {"application_credential": {"name": "c"}},
    ),
    (
        "POST",
        ("auth", "tokens"),
        {**schemas.AUTHENTICATION["properties"]["auth"]["properties"], **_any(("unknown",))},
        {"auth": {"identity": {"methods": ["password"], "password": {"user": _SECRETS["user"]}}}},
    ),
)


def requests(count: int, number: int) -> list[Story]:
    """`count` requests, each a story of its own; the same ones for the same seed `number`."""
    return generated(_request(), count, number)


@st.composite
def _request(draw: Draw) -> Story:
    return (pick(draw, (_boot, _boot, _listing, _identity))(draw),)


def _boot(draw: Draw) -> Plan:
    method, path, history, natural = pick(draw, COMPUTE)
    version = pick(draw, (*history.starts, MINIMUM, MAXIMUM))
    body = _with_change(draw, natural, properties(natural, history.schemas))
    return at(method, path, body, version)


def at(method: str, path: tuple[Any, ...], body: Any, version: Version) -> Plan:
    """A request to Compute in that version."""
    return as_admin("compute", method, ("v2.1", *path), body=body, headers=((HEADER, f"compute {version}"),))


def properties(natural: Mapping[str, Any], versions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The schemas of the body's properties, the newest of each."""
    [envelope] = natural
    by_name: dict[str, Any] = {}
    for schema in versions:
        by_name |= schema["properties"][envelope].get("properties", {})
    return by_name


def place(natural: Mapping[str, Any], name: str) -> str:
    """The name under which `near` has values for a property: with its envelope's, if there are values for that."""
    [envelope] = natural
    return f"{envelope}.{name}" if f"{envelope}.{name}" in BY_NAME else name


def _with_change(draw: Draw, natural: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    """The body with properties set to values near those that their schemas allow, or removed, or unknown."""
    [envelope] = natural
    values = natural[envelope]
    if chance(draw, 30) or not isinstance(values, dict):
        return pick(
            draw,
            (
                {},
                [],
                None,
                {envelope: []},
                {envelope: "x"},
                {**natural, "unknown": 1},
                natural,
                {envelope: {}},
                {"unknown": {}},
            ),
        )
    names = tuple(schemas)
    if chance(draw, 12) and values:
        dropped = pick(draw, tuple(values))
        values = {name: value for name, value in values.items() if name != dropped}
    for name in dict.fromkeys(pick(draw, (*names, *names, "unknown")) for _ in range(pick(draw, (1, 1, 1, 2)))):
        values = {**values, name: near(draw, place(natural, name), schemas.get(name, {}))}
    return {envelope: values}


def _listing(draw: Draw) -> Plan:
    path = pick(draw, (*LISTS, ("servers",), ("servers", "detail")))
    version = pick(draw, ("2.1", "2.37", "2.65", "2.66", "2.72", "2.73", "2.74", "2.75", str(MAXIMUM)))
    names = (*LISTS[path], "unknown", "_unknown")
    query = tuple((pick(draw, names), pick(draw, WORDS)) for _ in range(pick(draw, (1, 1, 1, 2))))
    return as_admin("compute", "GET", ("v2.1", *path), query=query, headers=((HEADER, f"compute {version}"),))


def _identity(draw: Draw) -> Plan:
    method, path, schemas, natural = pick(draw, IDENTITY)
    body = _with_change(draw, natural, schemas)
    return as_admin("identity", method, ("v3", *path), body=body)


def as_admin(api: str, method: str, path: tuple[Any, ...], **more: Any) -> Plan:
    """A request of an admin."""
    return Plan(api, method, ("", *path), **more, token=ADMIN)
