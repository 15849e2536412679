"""What tests of Networking share: creating objects, making requests, and filling ids into rows of tables."""

from typing import Any

from reference.tests.clouds import User

Body = dict[str, Any]
Outcome = tuple[int, str]

# prefixes for subnets of tests
V4 = {"ip_version": 4, "cidr": "10.200.0.0/24"}
V6 = {"ip_version": 6, "cidr": "fd00:200::/64"}
SLAAC = {**V6, "ipv6_ra_mode": "slaac", "ipv6_address_mode": "slaac"}
ROUTE = {"destination": "10.9.0.0/24", "nexthop": "10.200.0.4"}

COLLECTIONS = (
    "networks",
    "subnets",
    "subnetpools",
    "ports",
    "routers",
    "floatingips",
    "security-groups",
    "security-group-rules",
    "rbac-policies",
)
BAD, INVALID = (400, "HTTPBadRequest"), (400, "InvalidInput")


def make(user: User, singular: str, **values: Any) -> Body:
    """A new object of that kind."""
    path = f"/{plural(singular).replace('_', '-')}"
    answer = user.network("POST", path, json={singular: values})
    assert answer.status_code == 201, answer.text
    item: Body = answer.json()[singular]
    return item


def plural(singular: str) -> str:
    return singular[:-1] + "ies" if singular.endswith("y") else singular + "s"


def show(user: User, singular: str, item: str) -> Body:
    answer = user.network("GET", f"/{plural(singular).replace('_', '-')}/{item}")
    assert answer.status_code == 200, answer.text
    shown: Body = answer.json()[singular]
    return shown


def listed(user: User, collection: str, query: str = "") -> list[Body]:
    answer = user.network("GET", f"/{collection}{query}")
    assert answer.status_code == 200, answer.text
    items: list[Body] = answer.json()[collection.replace("-", "_")]
    return items


def outcome(user: User, method: str, path: str, body: object = None) -> Outcome:
    """The status, and the error's type where it is one."""
    answer = user.network(method, path, **({} if body is None else {"json": body}))
    problem = answer.json().get("NeutronError", {}) if answer.status_code >= 400 else {}
    assert not problem or set(problem) == {"type", "message", "detail"}
    return answer.status_code, str(problem.get("type", ""))


def filled(value: Any, ids: dict[str, str]) -> Any:
    """The value with every `$name` in it replaced by the id of that name."""
    if isinstance(value, dict):
        return {name: filled(entry, ids) for name, entry in value.items()}
    if isinstance(value, list):
        return [filled(entry, ids) for entry in value]
    if isinstance(value, str):
        for name in sorted(ids, key=len, reverse=True):
            value = value.replace(f"${name}", ids[name])
    return value
