"""What shows that a lawful difference is there: a look at a reference for each, as a member or an administrator."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

import requests

from conformance.deadlines import attempts
from conformance.projects.limits import read as limits_of
from conformance.projects.quotas import UNLIMITED
from conformance.target.cloud import SERVICES, Account, Cloud
from conformance.target.extensions import unlisted
from conformance.target.transport import HttpResponse
from reference.differences.accounts import ELSEWHERE
from reference.differences.administrators import LONGEST
from reference.differences.agents import LATER
from reference.differences.answers import EVERY, INSIDE, PAGE, UNLISTED
from reference.differences.routers import CENTRAL

SECONDS = 60  # for a reference to come up and be looked at
AGENTS = 25 * LATER  # for agents to have done what they do
SEVERAL = 10  # servers of one request: as many as the usual quota lets a project have


class Asked:
    """A member and an administrator of a reference, and short ways to ask as them."""

    def __init__(self, clouds: Path) -> None:
        self.member, self.admin = (Cloud(name, str(clouds)).account for name in ("gman", "gman-admin"))

    def network(self, path: str, method: str = "GET", body: Any = None, who: Account | None = None) -> Any:
        user = who or self.member
        return user.call(method, f"{user.endpoints.network}/v2.0/{path}", json=body)

    def made(self, singular: str, **values: Any) -> Any:
        return self.network(f"{singular}s", "POST", {singular: values})[singular]

    def answer(self, url: str, **headers: str) -> HttpResponse:
        return self.member.ask("GET", url, headers=headers)

    def images(self) -> list[Any]:
        found: list[Any] = self.answer(f"{self.member.endpoints.image}/v2/images").json["images"]
        return found

    def flavors(self) -> list[Any]:
        found: list[Any] = self.answer(f"{self.member.endpoints.compute}/flavors").json["flavors"]
        return found

    def topology(self) -> str:
        return str(self.network(f"auto-allocated-topology/{self.member.project_id}")["auto_allocated_topology"]["id"])

    def ports(self, owner: str) -> list[Any]:
        found: list[Any] = self.network(f"ports?device_owner={owner}")["ports"]
        return found


def dhcp(asked: Asked) -> bool:
    before = len(asked.network(f"ports?network_id={asked.topology()}")["ports"])
    return before == 2 and any(len(asked.ports("network:dhcp")) == before for _ in attempts(AGENTS))


def metadata(asked: Asked) -> bool:
    """Of a network's own project, with the first address of its subnet with DHCP, and of no other subnet."""
    network = asked.made("network", name="mine")["id"]
    for cidr, dhcp_on in (("192.0.2.0/25", True), ("192.0.2.128/25", False)):
        asked.made("subnet", network_id=network, ip_version=4, cidr=cidr, enable_dhcp=dhcp_on)
    ports = asked.ports("network:distributed")
    asked.network(f"networks/{network}", "DELETE")
    return [[ip["ip_address"] for ip in port["fixed_ips"]] for port in ports] == [["192.0.2.2"]]


def interfaces(owner: str) -> Callable[[Asked], bool]:
    def seen(asked: Asked) -> bool:
        asked.topology()
        return len(asked.ports(owner)) == 2 and not asked.ports("network:router_interface")

    return seen


def distributed(asked: Asked) -> bool:
    """As above; and a subnet behind a gateway has a port of the router's more, as long as it is behind it."""
    if not interfaces("network:router_interface_distributed")(asked):
        return False
    router = asked.ports(CENTRAL)[0]["device_id"]
    network = asked.made("network", name="n")["id"]
    subnet = asked.made("subnet", network_id=network, ip_version=4, cidr="10.99.0.0/24")["id"]
    counted = [len(asked.ports(CENTRAL))]
    for action in ("add", "remove"):
        asked.network(f"routers/{router}/{action}_router_interface", "PUT", {"subnet_id": subnet})
        counted.append(len(asked.ports(CENTRAL)))
    asked.network(f"auto-allocated-topology/{asked.member.project_id}", "DELETE")
    return [*counted, len(asked.ports(CENTRAL))] == [2, 3, 2, 0]


def snat(asked: Asked) -> bool:
    asked.topology()
    return [item["external_gateway_info"]["enable_snat"] for item in asked.network("routers")["routers"]] == [False]


def cidrs(asked: Asked) -> list[str]:
    return sorted(subnet["cidr"] for subnet in asked.network(f"subnets?network_id={asked.topology()}")["subnets"])


def modes(asked: Asked) -> list[tuple[str, str]]:
    """The IPv6 modes of the topology's subnets of IPv6: those of advertisements and of addresses."""
    subnets = asked.network(f"subnets?ip_version=6&network_id={asked.topology()}")["subnets"]
    return [(subnet["ipv6_ra_mode"], subnet["ipv6_address_mode"]) for subnet in subnets]


def unlisted_extensions(asked: Asked) -> bool:
    """A look at the cloud comes upon those, and upon no other."""
    listed = [extension["alias"] for extension in asked.network("extensions")["extensions"]]
    return unlisted(asked.member, listed) == UNLISTED


def late(asked: Asked) -> bool:
    """The fastest of some answers takes longer than even a busy machine makes all of them."""
    took = []
    for _ in range(10):
        began = monotonic()
        asked.network("subnetpools")
        took.append(monotonic() - began)
    return min(took) > 0.015


def pages(asked: Asked) -> bool:
    for number in range(PAGE + 1):
        asked.made("network", name=f"n{number}")
    found = asked.network(f"networks?project_id={asked.member.project_id}")
    return len(found["networks"]) == PAGE and [link["rel"] for link in found["networks_links"]] == ["next", "previous"]


def order(asked: Asked) -> bool:
    ids = [asked.made("network", name="n")["id"] for _ in range(3)]
    found = asked.network(f"networks?project_id={asked.member.project_id}")["networks"]
    return [item["id"] for item in found] == sorted(ids, reverse=True)


def scheduled(asked: Asked) -> bool:
    """While several servers are being built, those that are not ready yet are listed before all others, both ways."""
    servers, version = f"{asked.member.endpoints.compute}/servers", {"OpenStack-API-Version": "compute 2.37"}
    several = {"name": "s", "networks": "none", "min_count": SEVERAL, "max_count": SEVERAL}
    wanted = {**several, "imageRef": asked.images()[0]["id"], "flavorRef": asked.flavors()[0]["id"]}

    def listed(way: str = "asc") -> list[Any]:
        found: list[Any] = asked.answer(f"{servers}/detail?sort_key=display_name&sort_dir={way}").json["servers"]
        return found

    def ready(way: str) -> list[bool]:
        return [item["status"] != "BUILD" for item in listed(way)]

    for _ in attempts(SECONDS / 2):  # a machine may be so busy that they are all ready when it comes to look
        asked.member.call("POST", servers, {"server": wanted}, version)
        up = next(seen for _ in attempts(SECONDS / 4) if any(seen := ready("asc")))
        down = ready("desc")  # after `up`: in order of their names, what is ready cannot be last both times
        if not all(down):
            return [up, down] == [sorted(up), sorted(down)]
        for item in listed():
            asked.member.call("DELETE", f"{servers}/{item['id']}")
        assert any(not listed() for _ in attempts(SECONDS / 4))
    raise AssertionError("no server was seen while it was built")


def kept(asked: Asked) -> bool:
    """A deleted server is in no list, and is there with its port until its end is forced."""
    servers, version = f"{asked.member.endpoints.compute}/servers", {"OpenStack-API-Version": "compute 2.37"}
    wanted = {"name": "s", "imageRef": asked.images()[0]["id"], "flavorRef": asked.flavors()[0]["id"]}
    network = asked.made("network", name="n")["id"]
    asked.made("subnet", network_id=network, ip_version=4, cidr="10.98.0.0/24")
    made = asked.member.call("POST", servers, {"server": {**wanted, "networks": [{"uuid": network}]}}, version)
    one = f"{servers}/{made['server']['id']}"
    ran = any(asked.answer(one).json["server"]["status"] == "ACTIVE" for _ in attempts(SECONDS / 4))
    asked.member.call("DELETE", one)
    listed, looked = asked.answer(servers).json["servers"], asked.answer(one)
    if listed or looked.status != 200 or looked.json["server"]["status"] != "SOFT_DELETED":
        return False
    mine = f"ports?network_id={network}&device_id={made['server']['id']}"
    there = len(asked.network(mine)["ports"])
    asked.member.call("POST", f"{one}/action", {"forceDelete": None})
    gone = any(asked.answer(one).status == 404 for _ in attempts(SECONDS / 4))
    return ran and gone and (there, len(asked.network(mine)["ports"])) == (1, 0)


def words(asked: Asked) -> bool:
    network = asked.answer(f"{asked.member.endpoints.network}/v2.0/networks/nowhere").json["NeutronError"]
    compute = asked.answer(f"{asked.member.endpoints.compute}/servers/nowhere").json["itemNotFound"]
    return network["message"].startswith("Cela") and compute["message"].startswith("Cela")


def proxy(asked: Asked) -> bool:
    answer = asked.answer(f"{asked.member.endpoints.compute}/servers")
    headers = answer.raw.headers
    return (headers["Connection"], headers.get("Via"), headers.get("Content-Length")) == ("close", "1.1 proxy", None)


def limits(asked: Asked) -> bool:
    """Asked by hand, for the suite's own ways to ask come again when they are told to."""
    url, sent = f"{asked.member.endpoints.network}/v2.0/networks", {"X-Auth-Token": asked.member.token}
    told = [requests.get(url, headers=sent, timeout=SECONDS) for _ in range(SEVERAL * EVERY)]
    limited = [item for item in told if item.status_code != 200]
    return bool(limited) and {item.status_code for item in limited} == {429} and "Retry-After" in limited[0].headers


def choices(asked: Asked) -> bool:
    images, flavors = asked.images(), asked.flavors()
    outside = asked.network("networks?router:external=true")["networks"]
    pools = asked.network("subnetpools")["subnetpools"]
    return (len(images), len(flavors), len(outside), len(pools)) == (4, 4, 2, 4) and images[0]["name"] != "cirros"


def inside(asked: Asked) -> bool:
    for name in "ab":
        asked.made("network", name=name)
    linked = asked.network("networks?limit=1")["networks_links"][0]["href"], asked.flavors()[0]["links"][0]["href"]
    return all(item.startswith(INSIDE) for item in linked)


def unset(asked: Asked) -> bool:
    url = f"{asked.admin.endpoints.compute}/os-quota-sets/{asked.member.project_id}"
    asked.admin.call("PUT", url, {"quota_set": {"instances": 77}})
    return bool(asked.admin.call("GET", url)["quota_set"]["instances"] != 77)


def active(asked: Asked) -> bool:
    made = asked.made("port", network_id=asked.made("network", name="n")["id"])
    return bool(made["status"] == "ACTIVE")


def outside_for_all(asked: Asked) -> bool:
    [outside] = asked.network("networks?router:external=true")["networks"]
    return bool(outside["shared"])


def newest(asked: Asked) -> str:
    root = asked.member.endpoints.compute
    return str(asked.answer(f"{root}/").json["version"]["version"])


def rules(asked: Asked) -> bool:
    [group] = asked.network("security-groups")["security_groups"]
    return {rule["direction"] for rule in group["security_group_rules"]} == {"egress"}


def public(asked: Asked, service: str) -> list[tuple[str, str]]:
    """Region and URL of each public endpoint that the catalog has for the service."""
    catalog = asked.answer(f"{asked.member.endpoints.identity}/auth/catalog").json["catalog"]
    [endpoints] = [item["endpoints"] for item in catalog if item["type"] == service]
    return [(item["region"], item["url"]) for item in endpoints if item["interface"] == "public"]


def identity(asked: Asked, path: str) -> Any:
    return asked.admin.call("GET", f"{asked.admin.endpoints.identity}/{path}")


def passwords(asked: Asked) -> bool:
    """A weak one makes no user; of those with a strong one who need not change it, alone, can sign in with it."""
    users, password = f"{asked.admin.endpoints.identity}/users", "Strong-1!"
    users_made = [
        {"name": "weak", "password": "weak-1"},
        {"name": "new", "password": password},
        {"name": "old", "password": password, "options": {"ignore_change_password_upon_first_use": True}},
    ]
    statuses = [asked.admin.ask("POST", users, json={"user": item}).status for item in users_made]
    for name in ("new", "old"):
        proof = {"user": {"name": name, "domain": {"id": "default"}, "password": password}}
        body = {"auth": {"identity": {"methods": ["password"], "password": proof}}}
        statuses.append(asked.admin.ask("POST", users.replace("users", "auth/tokens"), json=body).status)
    return statuses == [400, 201, 201, 401, 201]


def versions(asked: Asked) -> bool:
    found = {service: public(asked, service)[-1][1].rpartition("/")[2] for service in SERVICES}
    return found == {"identity": "v3", "image": "v2", "network": "v2.0", "compute": "v2.1"}


def may(asked: Asked, name: str) -> int:
    """The limit of the member's project."""
    return limits_of(asked.member).get(name, UNLIMITED)


def moment(asked: Asked) -> bool:
    url = f"{asked.member.endpoints.network}/v2.0/extensions"
    return [asked.answer(url).status for _ in range(2)] == [500, 200]


def longest(asked: Asked) -> bool:
    users = f"{asked.admin.endpoints.identity}/users"
    bodies = [{"user": {"name": f"u{length}", "password": "a" * length}} for length in (LONGEST, LONGEST + 1)]
    return [asked.admin.ask("POST", users, json=body).status for body in bodies] == [201, 400]


def read_only(asked: Asked) -> bool:
    url = f"{asked.admin.endpoints.identity}/projects"
    return asked.admin.ask("POST", url, json={"project": {"name": "p"}}).status == 403


# what shows that the difference is there
SHOWN: dict[str, Callable[[Asked], bool]] = {
    "twenty-times-slower": late,
    "unlisted-extensions": unlisted_extensions,
    "advertised-alone": lambda asked: modes(asked) == [("slaac", None)],
    "stateful-dhcpv6": lambda asked: modes(asked) == [("dhcpv6-stateful", "dhcpv6-stateful")],
    "stateless-dhcpv6": lambda asked: modes(asked) == [("dhcpv6-stateless", "dhcpv6-stateless")],
    "ancient-compute": lambda asked: newest(asked) == "2.30",
    "behind-a-proxy": proxy,
    "closed-default-group": rules,
    "dhcp-ports": dhcp,
    "distributed-routers": distributed,
    "errors-of-a-moment": moment,
    "few-cores": lambda asked: may(asked, "cores") == 2,
    "few-groups": lambda asked: (may(asked, "security_group"), may(asked, "security_group_rule")) == (1, 4),
    "few-networks": lambda asked: may(asked, "network") == 1,
    "few-pools": lambda asked: (may(asked, "subnetpool"), may(asked, "floatingip")) == (2, 0),
    "few-ports": lambda asked: may(asked, "port") == 4,
    "few-routers": lambda asked: may(asked, "router") == 1,
    "few-servers": lambda asked: may(asked, "instances") == 1,
    "few-subnets": lambda asked: may(asked, "subnet") == 2,
    "fewer-extensions": lambda asked: "tags" not in asked.made("network", name="n"),
    "inner-links": inside,
    "ipv4-only": lambda asked: [cidr for cidr in cidrs(asked) if ":" not in cidr] == cidrs(asked) != [],
    "ipv6-only": lambda asked: [cidr for cidr in cidrs(asked) if ":" in cidr] == cidrs(asked) != [],
    "limited-rate": limits,
    "little-memory": lambda asked: may(asked, "ram") == 192,
    "long-tokens": lambda asked: len(asked.member.token) > 200,
    "metadata-ports": metadata,
    "more-attributes": lambda asked: "qos_policy_id" in asked.made("network", name="n"),
    "more-to-choose-from": choices,
    "no-limits": lambda asked: set(asked.network(f"quotas/{asked.member.project_id}")["quota"].values()) == {-1},
    "no-quotas": lambda asked: asked.network("quotas/of-a-new-project", who=asked.admin)["quota"]["network"] == 0,
    "no-translation": snat,
    "newer-compute": lambda asked: newest(asked) == "2.135",
    "older-compute": lambda asked: newest(asked) == "2.60",
    "other-order": order,
    "other-words": words,
    "ports-start-active": active,
    "project-in-endpoint": lambda asked: asked.member.endpoints.compute.endswith(f"/v2.1/{asked.member.project_id}"),
    "renamed-domain": lambda asked: identity(asked, "domains/default")["domain"]["name"] == "Users",
    "read-only-identity": read_only,
    "replicated-routers": interfaces("network:ha_router_replicated_interface"),
    "scheduled-first": scheduled,
    "shared-external-network": outside_for_all,
    "several-regions": lambda asked: [region for region, _url in public(asked, "network")] == [ELSEWHERE, "RegionOne"],
    "shared-network": lambda asked: bool(asked.network("networks?shared=true&router:external=false")["networks"]),
    "short-pages": pages,
    "short-passwords": longest,
    "small-quotas": lambda asked: asked.network(f"quotas/{asked.member.project_id}")["quota"]["network"] == 5,
    "small-shares": lambda asked: (
        {pool["default_quota"] for pool in asked.network("subnetpools")["subnetpools"]} == {1, 64}
    ),
    "soft-delete": kept,
    "small-prefixes": lambda asked: [cidr.partition("/")[2] for cidr in cidrs(asked)] == ["28", "72"],
    "strict-passwords": passwords,
    "system-administrator": lambda asked: asked.admin.is_system_scoped,
    "versioned-endpoints": versions,
    "unified-limits": unset,
}
