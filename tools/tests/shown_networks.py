"""Checks that a lawful difference of Networking is there."""

from collections.abc import Callable

from member_and_admin import Pair

from conformance.deadlines import attempts
from conformance.target.extensions import unlisted
from reference.differences.agents import LATER
from reference.differences.answers import PAGE, UNLISTED
from reference.differences.routers import CENTRAL

AGENTS = 25 * LATER  # seconds for agents to act


def dhcp(pair: Pair) -> bool:
    before = len(pair.network(f"ports?network_id={pair.topology()}")["ports"])
    return before == 2 and any(len(pair.ports("network:dhcp")) == before for _ in attempts(AGENTS))


def metadata(pair: Pair) -> bool:
    """The port belongs to the network's project, and has the first address of the subnet with DHCP only."""
    network = pair.made("network", name="mine")["id"]
    for cidr, dhcp_on in (("192.0.2.0/25", True), ("192.0.2.128/25", False)):
        pair.made("subnet", network_id=network, ip_version=4, cidr=cidr, enable_dhcp=dhcp_on)
    ports = pair.ports("network:distributed")
    pair.network(f"networks/{network}", "DELETE")
    return [[ip["ip_address"] for ip in port["fixed_ips"]] for port in ports] == [["192.0.2.2"]]


def interfaces(owner: str) -> Callable[[Pair], bool]:
    def seen(pair: Pair) -> bool:
        pair.topology()
        return len(pair.ports(owner)) == 2 and not pair.ports("network:router_interface")

    return seen


def distributed(pair: Pair) -> bool:
    """As above; and a subnet behind a gateway has one more port of the router, as long as it is behind it."""
    if not interfaces("network:router_interface_distributed")(pair):
        return False
    router = pair.ports(CENTRAL)[0]["device_id"]
    network = pair.made("network", name="n")["id"]
    subnet = pair.made("subnet", network_id=network, ip_version=4, cidr="10.99.0.0/24")["id"]
    counted = [len(pair.ports(CENTRAL))]
    for action in ("add", "remove"):
        pair.network(f"routers/{router}/{action}_router_interface", "PUT", {"subnet_id": subnet})
        counted.append(len(pair.ports(CENTRAL)))
    pair.network(f"auto-allocated-topology/{pair.member.project_id}", "DELETE")
    return [*counted, len(pair.ports(CENTRAL))] == [2, 3, 2, 0]


def snat(pair: Pair) -> bool:
    pair.topology()
    return [item["external_gateway_info"]["enable_snat"] for item in pair.network("routers")["routers"]] == [False]


def cidrs(pair: Pair) -> list[str]:
    return sorted(subnet["cidr"] for subnet in pair.network(f"subnets?network_id={pair.topology()}")["subnets"])


def modes(pair: Pair) -> list[tuple[str | None, str | None]]:
    """The IPv6 modes of the topology's subnets of IPv6: those of advertisements and of addresses."""
    subnets = pair.network(f"subnets?ip_version=6&network_id={pair.topology()}")["subnets"]
    return [(subnet["ipv6_ra_mode"], subnet["ipv6_address_mode"]) for subnet in subnets]


def unlisted_extensions(pair: Pair) -> bool:
    """Whether the suite's probes find these extensions, and no others."""
    listed = [extension["alias"] for extension in pair.network("extensions")["extensions"]]
    return unlisted(pair.member, listed) == UNLISTED


def pages(pair: Pair) -> bool:
    for number in range(PAGE + 1):
        pair.made("network", name=f"n{number}")
    body = pair.network(f"networks?project_id={pair.member.project_id}")
    return len(body["networks"]) == PAGE and [link["rel"] for link in body["networks_links"]] == ["next", "previous"]


def order(pair: Pair) -> bool:
    ids = [pair.made("network", name="n")["id"] for _ in range(3)]
    networks = pair.network(f"networks?project_id={pair.member.project_id}")["networks"]
    return [item["id"] for item in networks] == sorted(ids, reverse=True)


def active(pair: Pair) -> bool:
    port = pair.made("port", network_id=pair.made("network", name="n")["id"])
    return bool(port["status"] == "ACTIVE")


def outside_for_all(pair: Pair) -> bool:
    [outside] = pair.network("networks?router:external=true")["networks"]
    return bool(outside["shared"])


def rules(pair: Pair) -> bool:
    [group] = pair.network("security-groups")["security_groups"]
    return {rule["direction"] for rule in group["security_group_rules"]} == {"egress"}
