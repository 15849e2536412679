"""For each lawful difference, a look at a reference, as a member or an administrator, that shows it."""

from collections.abc import Callable
from time import monotonic
from typing import Any

import requests
from member_and_admin import SECONDS, Pair
from shown_networks import (
    active,
    cidrs,
    dhcp,
    distributed,
    interfaces,
    metadata,
    modes,
    order,
    outside_for_all,
    pages,
    rules,
    snat,
    unlisted_extensions,
)

from conformance.deadlines import attempts
from conformance.projects.limits import read as limits_of
from conformance.projects.quotas import UNLIMITED
from conformance.target.endpoints import SERVICES
from reference.differences.accounts import ELSEWHERE
from reference.differences.administrators import LONGEST
from reference.differences.answers import EVERY, INSIDE

SEVERAL = 10  # servers of one request: as many as the usual quota lets a project have


def late(pair: Pair) -> bool:
    """Whether even the fastest of some answers takes longer than on a busy machine."""
    took = []
    for _ in range(10):
        began = monotonic()
        pair.network("subnetpools")
        took.append(monotonic() - began)
    return min(took) > 0.008


def scheduled(pair: Pair) -> bool:
    """While several servers are being built, those that are not ready yet are listed before all others, both ways."""
    servers, version = f"{pair.member.endpoints.compute}/servers", {"OpenStack-API-Version": "compute 2.37"}
    several = {"name": "s", "networks": "none", "min_count": SEVERAL, "max_count": SEVERAL}
    expected = {**several, "imageRef": pair.images()[0]["id"], "flavorRef": pair.flavors()[0]["id"]}

    def listed(way: str = "asc") -> list[Any]:
        servers_: list[Any] = pair.answer(f"{servers}/detail?sort_key=display_name&sort_dir={way}").json["servers"]
        return servers_

    def ready(way: str) -> list[bool]:
        return [item["status"] != "BUILD" for item in listed(way)]

    for _ in attempts(SECONDS / 2):  # on a busy machine all servers may be ready before the first list
        pair.member.call("POST", servers, {"server": expected}, version)
        up = next(built for _ in attempts(SECONDS / 4) if any(built := ready("asc")))
        down = ready("desc")  # after `up`: in an order by names, the ready ones could not be last both times
        if not all(down):
            return [up, down] == [sorted(up), sorted(down)]
        for item in listed():
            pair.member.call("DELETE", f"{servers}/{item['id']}")
        assert any(not listed() for _ in attempts(SECONDS / 4))
    raise AssertionError("no server was seen while it was built")


def kept(pair: Pair) -> bool:
    """A deleted server is in no list, but exists with its port until its deletion is forced."""
    servers, version = f"{pair.member.endpoints.compute}/servers", {"OpenStack-API-Version": "compute 2.37"}
    expected = {"name": "s", "imageRef": pair.images()[0]["id"], "flavorRef": pair.flavors()[0]["id"]}
    network = pair.made("network", name="n")["id"]
    pair.made("subnet", network_id=network, ip_version=4, cidr="10.98.0.0/24")
    answer = pair.member.call("POST", servers, {"server": {**expected, "networks": [{"uuid": network}]}}, version)
    one = f"{servers}/{answer['server']['id']}"
    ran = any(pair.answer(one).json["server"]["status"] == "ACTIVE" for _ in attempts(SECONDS / 4))
    pair.member.call("DELETE", one)
    listed, looked = pair.answer(servers).json["servers"], pair.answer(one)
    if listed or looked.status != 200 or looked.json["server"]["status"] != "SOFT_DELETED":
        return False
    mine = f"ports?network_id={network}&device_id={answer['server']['id']}"
    there = len(pair.network(mine)["ports"])
    pair.member.call("POST", f"{one}/action", {"forceDelete": None})
    gone = any(pair.answer(one).status == 404 for _ in attempts(SECONDS / 4))
    return ran and gone and (there, len(pair.network(mine)["ports"])) == (1, 0)


def words(pair: Pair) -> bool:
    network = pair.answer(f"{pair.member.endpoints.network}/v2.0/networks/nowhere").json["NeutronError"]
    compute = pair.answer(f"{pair.member.endpoints.compute}/servers/nowhere").json["itemNotFound"]
    return all(str(error["message"]).startswith("Cela") for error in (network, compute))


def proxy(pair: Pair) -> bool:
    answer = pair.answer(f"{pair.member.endpoints.compute}/servers")
    headers = answer.raw.headers
    return (headers["Connection"], headers.get("Via"), headers.get("Content-Length")) == ("close", "1.1 proxy", None)


def limits(pair: Pair) -> bool:
    """Requests without the suite's transport, which would retry them."""
    url, sent = f"{pair.member.endpoints.network}/v2.0/networks", {"X-Auth-Token": pair.member.token}
    answers = [requests.get(url, headers=sent, timeout=SECONDS) for _ in range(SEVERAL * EVERY)]
    limited = [item for item in answers if item.status_code != 200]
    return bool(limited) and {item.status_code for item in limited} == {429} and "Retry-After" in limited[0].headers


def choices(pair: Pair) -> bool:
    images, flavors = pair.images(), pair.flavors()
    outside = pair.network("networks?router:external=true")["networks"]
    pools = pair.network("subnetpools")["subnetpools"]
    return (len(images), len(flavors), len(outside), len(pools)) == (4, 4, 2, 4) and images[0]["name"] != "cirros"


def inside(pair: Pair) -> bool:
    for name in "ab":
        pair.made("network", name=name)
    linked = (
        pair.network("networks?limit=1")["networks_links"][0]["href"],
        pair.flavors()[0]["links"][0]["href"],
    )
    return all(item.startswith(INSIDE) for item in linked)


def unset(pair: Pair) -> bool:
    url = f"{pair.admin.endpoints.compute}/os-quota-sets/{pair.member.project_id}"
    pair.admin.call("PUT", url, {"quota_set": {"instances": 77}})
    return bool(pair.admin.call("GET", url)["quota_set"]["instances"] != 77)


def newest(pair: Pair) -> str:
    root = pair.member.endpoints.compute
    return str(pair.answer(f"{root}/").json["version"]["version"])


def public(pair: Pair, service: str) -> list[tuple[str, str]]:
    """Region and URL of each public endpoint that the catalog has for the service."""
    catalog = pair.answer(f"{pair.member.endpoints.identity}/auth/catalog").json["catalog"]
    [endpoints] = [item["endpoints"] for item in catalog if item["type"] == service]
    return [(item["region"], item["url"]) for item in endpoints if item["interface"] == "public"]


def identity(pair: Pair, path: str) -> Any:
    return pair.admin.call("GET", f"{pair.admin.endpoints.identity}/{path}")


def passwords(pair: Pair) -> bool:
    """A weak password is refused; a user with a strong one can sign in only if it need not be changed first."""
    users, password = f"{pair.admin.endpoints.identity}/users", "Strong-1!"
    users_made = [
        {"name": "weak", "password": "weak-1"},
        {"name": "new", "password": password},
        {"name": "old", "password": password, "options": {"ignore_change_password_upon_first_use": True}},
    ]
    statuses = [pair.admin.ask("POST", users, json={"user": item}).status for item in users_made]
    for name in ("new", "old"):
        proof = {"user": {"name": name, "domain": {"id": "default"}, "password": password}}
        body = {"auth": {"identity": {"methods": ["password"], "password": proof}}}
        statuses.append(pair.admin.ask("POST", users.replace("users", "auth/tokens"), json=body).status)
    return statuses == [400, 201, 201, 401, 201]


def versions(pair: Pair) -> bool:
    versions_ = {service: public(pair, service)[-1][1].rpartition("/")[2] for service in SERVICES}
    return versions_ == {"identity": "v3", "image": "v2", "network": "v2.0", "compute": "v2.1"}


def may(pair: Pair, name: str) -> int:
    """The limit of the member's project."""
    return limits_of(pair.member).get(name, UNLIMITED)


def moment(pair: Pair) -> bool:
    url = f"{pair.member.endpoints.network}/v2.0/extensions"
    return [pair.answer(url).status for _ in range(2)] == [500, 200]


def longest(pair: Pair) -> bool:
    users = f"{pair.admin.endpoints.identity}/users"
    bodies = [{"user": {"name": f"u{length}", "password": "a" * length}} for length in (LONGEST, LONGEST + 1)]
    return [pair.admin.ask("POST", users, json=body).status for body in bodies] == [201, 400]


def read_only(pair: Pair) -> bool:
    url = f"{pair.admin.endpoints.identity}/projects"
    return pair.admin.ask("POST", url, json={"project": {"name": "p"}}).status == 403


# what shows that the difference is there
SHOWN: dict[str, Callable[[Pair], bool]] = {
    "twenty-times-slower": late,
    "unlisted-extensions": unlisted_extensions,
    "advertised-alone": lambda pair: modes(pair) == [("slaac", None)],
    "stateful-dhcpv6": lambda pair: modes(pair) == [("dhcpv6-stateful", "dhcpv6-stateful")],
    "stateless-dhcpv6": lambda pair: modes(pair) == [("dhcpv6-stateless", "dhcpv6-stateless")],
    "ancient-compute": lambda pair: newest(pair) == "2.30",
    "behind-a-proxy": proxy,
    "closed-default-group": rules,
    "dhcp-ports": dhcp,
    "distributed-routers": distributed,
    "errors-of-a-moment": moment,
    "few-cores": lambda pair: may(pair, "cores") == 2,
    "few-groups": lambda pair: (may(pair, "security_group"), may(pair, "security_group_rule")) == (1, 4),
    "few-networks": lambda pair: may(pair, "network") == 1,
    "few-pools": lambda pair: (may(pair, "subnetpool"), may(pair, "floatingip")) == (2, 0),
    "few-ports": lambda pair: may(pair, "port") == 4,
    "few-routers": lambda pair: may(pair, "router") == 1,
    "few-servers": lambda pair: may(pair, "instances") == 1,
    "few-subnets": lambda pair: may(pair, "subnet") == 2,
    "fewer-extensions": lambda pair: "tags" not in pair.made("network", name="n"),
    "inner-links": inside,
    "ipv4-only": lambda pair: [cidr for cidr in cidrs(pair) if ":" not in cidr] == cidrs(pair) != [],
    "ipv6-only": lambda pair: [cidr for cidr in cidrs(pair) if ":" in cidr] == cidrs(pair) != [],
    "limited-rate": limits,
    "little-memory": lambda pair: may(pair, "ram") == 192,
    "long-tokens": lambda pair: len(pair.member.token) > 200,
    "metadata-ports": metadata,
    "more-attributes": lambda pair: "qos_policy_id" in pair.made("network", name="n"),
    "more-to-choose-from": choices,
    "no-limits": lambda pair: set(pair.network(f"quotas/{pair.member.project_id}")["quota"].values()) == {-1},
    "no-quotas": lambda pair: pair.network("quotas/of-a-new-project", who=pair.admin)["quota"]["network"] == 0,
    "no-translation": snat,
    "newer-compute": lambda pair: newest(pair) == "2.135",
    "older-compute": lambda pair: newest(pair) == "2.60",
    "other-order": order,
    "other-words": words,
    "ports-start-active": active,
    "project-in-endpoint": lambda pair: pair.member.endpoints.compute.endswith(f"/v2.1/{pair.member.project_id}"),
    "renamed-domain": lambda pair: identity(pair, "domains/default")["domain"]["name"] == "Users",
    "read-only-identity": read_only,
    "replicated-routers": interfaces("network:ha_router_replicated_interface"),
    "scheduled-first": scheduled,
    "shared-external-network": outside_for_all,
    "several-regions": lambda pair: [region for region, _url in public(pair, "network")] == [ELSEWHERE, "RegionOne"],
    "shared-network": lambda pair: bool(pair.network("networks?shared=true&router:external=false")["networks"]),
    "short-pages": pages,
    "short-passwords": longest,
    "small-quotas": lambda pair: pair.network(f"quotas/{pair.member.project_id}")["quota"]["network"] == 5,
    "small-shares": lambda pair: (
        {pool["default_quota"] for pool in pair.network("subnetpools")["subnetpools"]} == {1, 64}
    ),
    "soft-delete": kept,
    "small-prefixes": lambda pair: [cidr.partition("/")[2] for cidr in cidrs(pair)] == ["28", "72"],
    "strict-passwords": passwords,
    "system-administrator": lambda pair: pair.admin.is_system_scoped,
    "versioned-endpoints": versions,
    "unified-limits": unset,
}
