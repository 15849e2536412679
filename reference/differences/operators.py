"""What operators decide for their cloud: how it is set up, and what else is in it."""

import secrets
from typing import Any

from reference import bootstrap, image
from reference.compute import flavors, microversion
from reference.compute import image_client as compute_images
from reference.compute.errors import fault
from reference.compute.handlers import versions
from reference.compute.microversion import Version
from reference.differences.catalogue import difference
from reference.faults.seams import replace, wrap
from reference.identity import tokens
from reference.network import topology
from reference.network.handlers import extensions
from reference.network.resources import security_groups
from reference.wsgi.client import ServiceSession
from reference.wsgi.routes import Answer, Route

POOLS = "default pools"
MODES = "modes of IPv6"
MICROVERSIONS = "newest microversion"
KERNEL = "a-kernel"
UNFIT: tuple[dict[str, Any], ...] = (  # images
    {"name": "a-image", "min_ram": 65536, "min_disk": 500},
    {"name": "b-image", "status": "queued"},
    {"name": KERNEL},
)
NEWEST = "2099-01-01T00:00:00Z"  # the newest images, which Image lists first


@difference("operators with little space", POOLS)
def small_prefixes() -> None:
    """The default pools give small prefixes away: a /28, and of IPv6 a /72 without automatic addresses."""
    lengths = {"default-v4": 28, "default-v6": 72}
    changed = tuple({**pool, "default_prefixlen": lengths[str(pool["name"])]} for pool in bootstrap.POOLS)
    replace(bootstrap, "POOLS", changed)


@difference("operators who share their addresses out", POOLS)
def small_shares() -> None:
    """A project may have one prefix of each default pool, by the pools' default_quota, and no more."""
    shares = {"default-v4": 1 << (32 - 26), "default-v6": 1}  # addresses of IPv4, /64s of IPv6
    changed = tuple({**pool, "default_quota": shares[str(pool["name"])]} for pool in bootstrap.POOLS)
    replace(bootstrap, "POOLS", changed)


@difference("clouds that know their servers' addresses beforehand", MODES)
def stateful_dhcpv6() -> None:
    """The IPv6 subnet of a topology advertises DHCPv6, which gives its servers their addresses."""
    _modes("dhcpv6-stateful")


@difference("clouds that give IPv6 servers their resolvers by DHCPv6", MODES)
def stateless_dhcpv6() -> None:
    """In the IPv6 subnet of a topology servers make up their addresses and get all else by DHCPv6."""
    _modes("dhcpv6-stateless")


@difference("clouds where radvd and the addresses are set up apart", MODES)
def advertised_alone() -> None:
    """The IPv6 subnet of a topology has SLAAC as its mode of advertisements, and no mode for addresses."""
    wrap(
        topology,
        "ipv6_modes",
        lambda right, pool: {**right(pool), **({"ipv6_address_mode": None} if right(pool) else {})},
    )


def _modes(mode: str) -> None:
    """Let the IPv6 subnets of topologies have that mode, where the length of their prefixes allows for it."""

    def modes(right: Any, pool: Any) -> dict[str, str]:
        usual: dict[str, str] = right(pool)
        return dict.fromkeys(usual, mode) if "slaac" in usual.values() else usual

    wrap(topology, "ipv6_modes", modes)


@difference("clouds without IPv6", POOLS)
def ipv4_only() -> None:
    """There is a default pool for IPv4 alone, and the external network has IPv4 alone."""
    _of_version(4)


@difference("clouds without IPv4", POOLS)
def ipv6_only() -> None:
    """There is a default pool for IPv6 alone, and the external network has IPv6 alone."""
    _of_version(6)


def _of_version(version: int) -> None:
    replace(bootstrap, "POOLS", tuple(pool for pool in bootstrap.POOLS if str(pool["name"])[-1] == str(version)))
    subnets = tuple(subnet for subnet in bootstrap.EXTERNAL_SUBNETS if subnet["ip_version"] == version)
    replace(bootstrap, "EXTERNAL_SUBNETS", subnets)


@difference("clouds with a provider network for all", POOLS)
def shared_network() -> None:
    """There is a network that all projects share, on which every server boots that names none."""

    def also(session: ServiceSession, token: str) -> None:
        network = _post(session, token, "network", {"name": "provider", "shared": True})
        _post(session, token, "subnet", {"network_id": network, "ip_version": 4, "cidr": "198.18.0.0/24"})

    _beside_the_network(also)


@difference("clouds that give servers addresses of the outside world", POOLS)
def shared_external_network() -> None:
    """The default external network is shared, too: every server boots on it that names no network."""
    replace(bootstrap, "EXTERNAL", {**bootstrap.EXTERNAL, "shared": True})


@difference("every cloud in use")
def more_to_choose_from() -> None:
    """There are more external networks, shared pools, images and flavors. The ones that fit are not listed first, and
    others, such as a kernel or a flavor for volumes, seem to need less.
    """

    def also(session: ServiceSession, token: str) -> None:
        network = _post(session, token, "network", {"name": "a-provider", "router:external": True})
        _post(session, token, "subnet", {"network_id": network, "ip_version": 4, "cidr": "203.0.113.0/24"})
        for name, prefix in (("a-pool", "198.51.100.0/24"), ("z-pool", "2001:db8:1::/48")):
            _post(session, token, "subnetpool", {"name": name, "prefixes": [prefix], "shared": True})

    def images(right: Any, tx: Any, values: dict[str, Any]) -> None:
        for number, more in enumerate(UNFIT):
            other = f"{values['id'][:-2]}0{number}"
            right(tx, {**values, "id": other, "created_at": NEWEST, "visibility": "public", **more})
        right(tx, values)

    larger, for_volumes = {"vcpus": 64, "ram": 1 << 20, "disk": 4000}, {"vcpus": 1, "ram": 128, "disk": 0}
    _beside_the_network(also)
    wrap(image, "add_image", images)
    wrap(image, "view", _with_its_format)
    more = ({"id": "0", "name": "a.huge", **larger}, {"id": "00", "name": "a.volume", **for_volumes})
    replace(flavors, "SEED", (*more, *flavors.SEED))
    wrap(compute_images, "require_fit", _able_to_boot)


def _with_its_format(right: Any, row: Any) -> dict[str, Any]:
    return {**right(row), "disk_format": "aki" if row.name == KERNEL else "raw"}


def _able_to_boot(right: Any, image: dict[str, Any], ram: int, disk: int) -> None:
    right(image, ram, disk)
    if not disk:  # the default of the policy os_compute_api:servers:create:zero_disk_flavor
        raise fault(403, "Only volume-backed servers are allowed for flavors with zero disk.")
    if image["disk_format"] == "aki":
        raise fault(400, f"Image {image['id']} is unacceptable: a kernel is no server.")


@difference("operators who close the default security group")
def closed_default_group() -> None:
    """A project's default security group lets nothing in, not even from itself, as the operator's template says."""
    aliases = extensions.EXTENSIONS
    aliases["security-groups-default-rules"] = ("Default rules for security groups", "2022-12-19T10:00:00-00:00")
    template = [
        {"direction": "egress", "ethertype": ethertype, "used_in_default_sg": True, "used_in_non_default_sg": True}
        for ethertype in ("IPv4", "IPv6")
    ]
    answer = Answer({"default_security_group_rules": template})
    wrap(
        extensions.Discovery,
        "routes",
        lambda right, self: [*right(self), Route("GET", "/v2.0/default-security-group-rules", lambda _call: answer)],
    )

    def rules(right: Any, tx: Any, project: str, group: str, directed_rules: list[tuple[str, Any]]) -> None:
        right(tx, project, group, [rule for rule in directed_rules if rule[0] == "egress"])

    wrap(security_groups, "add_rules", rules)


@difference("Keystone with Fernet tokens")
def long_tokens() -> None:
    """Tokens are some hundred characters long, with signs that are no letters."""
    urlsafe = secrets.token_urlsafe

    class Long:
        @staticmethod
        def token_urlsafe(_size: int) -> str:
            return f"gAAAAAB{urlsafe(150)}-_{urlsafe(20)}=="

    replace(tokens, "secrets", Long)


@difference("a Compute that is newer than this suite", MICROVERSIONS)
def newer_compute() -> None:
    """Compute knows microversions that nobody here has heard of."""
    _up_to(Version(2, 135))


@difference("Compute of some years ago", MICROVERSIONS)
def older_compute() -> None:
    """Compute knows microversions up to 2.60 (Queens)."""
    _up_to(Version(2, 60))


@difference("Compute before it could get anybody a network", MICROVERSIONS)
def ancient_compute() -> None:
    """Compute knows microversions up to 2.30 (Mitaka)."""
    _up_to(Version(2, 30))


def _up_to(newest: Version) -> None:
    replace(microversion, "MAXIMUM", newest)
    root, status, (_newest, oldest), updated = versions.VERSIONS["v2.1"]
    versions.VERSIONS["v2.1"] = (root, status, (str(newest), oldest), updated)


def _beside_the_network(also: Any) -> None:
    """Call `also` when the cloud first starts; it looks for names, so that it does its work only once."""

    def network(right: Any, session: ServiceSession, token: str) -> None:
        right(session, token)
        also(session, token)

    wrap(bootstrap, "set_up_network", network)


def _post(session: ServiceSession, token: str, singular: str, body: dict[str, Any]) -> str:
    answer = session.call("POST", f"/v2.0/{singular}s", token, json={singular: body})
    answer.raise_for_status()
    return str(answer.json()[singular]["id"])
