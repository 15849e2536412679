"""Networks, ports, routers and servers of the APIs, as records of checked values.

Commands and configurations get only values that were read here as an address, a prefix, a MAC address or a UUID, so
that no text of a user can act as a command or a setting. Readers raise ValueError or KeyError for invalid values.
"""

import ipaddress
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Item = Mapping[str, Any]

_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
# the names of protocols in rules of security groups, which may also have numbers
PROTOCOLS = {
    "ah": 51, "dccp": 33, "egp": 8, "esp": 50, "gre": 47, "icmp": 1, "icmpv6": 58, "igmp": 2, "ipip": 4,
    "ipv6-encap": 41, "ipv6-frag": 44, "ipv6-icmp": 58, "ipv6-nonxt": 59, "ipv6-opts": 60, "ipv6-route": 43,
    "ospf": 89, "pgm": 113, "rsvp": 46, "sctp": 132, "tcp": 6, "udp": 17, "udplite": 136, "vrrp": 112,
}  # fmt: skip


@dataclass(frozen=True)
class Address:
    """An address of a port, with the length of its subnet's prefix."""

    ip: str
    length: int

    @property
    def version(self) -> int:
        return ipaddress.ip_address(self.ip).version

    def __str__(self) -> str:
        return f"{self.ip}/{self.length}"

    def added_to(self, link: str) -> str:
        """The command for `ip` that adds it to a link; without duplicate address detection, as nobody else has it."""
        return f"addr add {self} dev {link}" + (" nodad" if self.version == 6 else "")


@dataclass(frozen=True)
class Subnet:
    """`dns` are addresses, `routes` are (destination, next hop)."""

    id: str
    cidr: str
    version: int
    gateway: str | None
    dhcp: bool
    ra_mode: str | None
    dns: tuple[str, ...] = ()
    routes: tuple[tuple[str, str], ...] = ()

    @property
    def length(self) -> int:
        return ipaddress.ip_network(self.cidr).prefixlen


@dataclass(frozen=True)
class Port:
    """A port in use: `device` is the id of its server or router, `owner` says which of these it is."""

    id: str
    network: str
    mac: str
    addresses: tuple[Address, ...]
    up: bool
    mtu: int
    device: str
    owner: str
    groups: tuple[str, ...] = ()

    def ips(self, version: int) -> list[str]:
        return [address.ip for address in self.addresses if address.version == version]


@dataclass(frozen=True)
class Rule:
    """What the security group `owner` lets through, to or from a prefix, another group, or (both None) anyone.

    `low` and `high` bound the port, or are type and code of ICMP.
    """

    owner: str
    direction: str
    version: int
    protocol: int | None
    low: int | None
    high: int | None
    prefix: str | None
    group: str | None


@dataclass(frozen=True)
class Guest:
    """A server that runs; `user_data` is base64 as the API has it, `metadata` are the user's pairs."""

    id: str
    name: str
    hostname: str
    project: str
    launch_index: int
    ports: tuple[Port, ...]
    user_data: str
    config_drive: bool
    metadata: tuple[tuple[str, str], ...] = ()


def an_id(value: Any) -> str:
    return str(uuid.UUID(str(value)))


def an_address(value: Any) -> str:
    return str(ipaddress.ip_address(_without_zone(value)))


def a_prefix(value: Any, *, strict: bool = True) -> str:
    return str(ipaddress.ip_network(_without_zone(value), strict=strict))


def _without_zone(value: Any) -> Any:
    """The value, unless it is an IPv6 address with a zone, as `ipaddress` takes any text for one. Raises ValueError."""
    if "%" in str(value):
        raise ValueError(f"{value!r} has a zone")
    return value


def read_subnet(item: Item) -> Subnet:
    prefix = ipaddress.ip_network(a_prefix(item["cidr"]))
    routes = item.get("host_routes", [])
    return Subnet(
        id=an_id(item["id"]),
        cidr=str(prefix),
        version=prefix.version,
        gateway=an_address(item["gateway_ip"]) if item["gateway_ip"] else None,
        dhcp=bool(item["enable_dhcp"]),
        ra_mode=item["ipv6_ra_mode"],
        dns=tuple(an_address(server) for server in item.get("dns_nameservers", [])),
        routes=tuple((a_prefix(r["destination"]), an_address(r["nexthop"])) for r in routes),
    )


def read_port(item: Item, lengths: Mapping[str, int], mtus: Mapping[str, int]) -> Port:
    """`lengths` are those of the subnets' prefixes, `mtus` those of the networks."""
    mac = str(item["mac_address"]).lower()
    if not _MAC.fullmatch(mac):
        raise ValueError(f"{mac!r} is not a MAC address")
    fixed_ips = [fixed for fixed in item["fixed_ips"] if fixed["subnet_id"] in lengths]
    return Port(
        id=an_id(item["id"]),
        network=an_id(item["network_id"]),
        mac=mac,
        addresses=tuple(Address(an_address(fixed["ip_address"]), lengths[fixed["subnet_id"]]) for fixed in fixed_ips),
        up=bool(item["admin_state_up"]),
        mtu=mtus[item["network_id"]],
        device=str(item["device_id"]),
        owner=str(item["device_owner"]),
        groups=tuple(sorted(an_id(group) for group in item.get("security_groups", []))),
    )


def read_rule(item: Item) -> Rule:
    protocol, prefix, group = item["protocol"], item["remote_ip_prefix"], item["remote_group_id"]
    return Rule(
        owner=an_id(item["security_group_id"]),
        direction=str(item["direction"]),
        version={"IPv4": 4, "IPv6": 6}[item["ethertype"]],
        protocol=None if protocol in (None, "any") else _protocol(str(protocol).lower()),
        low=None if item["port_range_min"] is None else int(item["port_range_min"]),
        high=None if item["port_range_max"] is None else int(item["port_range_max"]),
        prefix=a_prefix(prefix, strict=False) if prefix else None,
        group=an_id(group) if group else None,
    )


def _protocol(name: str) -> int:
    number = PROTOCOLS[name] if name in PROTOCOLS else int(name)
    if not 0 <= number <= 255:
        raise ValueError(f"{number} is no protocol's number")
    return number


def read_guest(item: Item, ports: tuple[Port, ...]) -> Guest:
    return Guest(
        id=an_id(item["id"]),
        name=str(item["name"]),
        hostname=re.sub(r"[^a-z0-9-]", "-", str(item.get("OS-EXT-SRV-ATTR:hostname") or "guest").lower())[:63],
        project=str(item["tenant_id"]),
        launch_index=int(item.get("OS-EXT-SRV-ATTR:launch_index") or 0),
        ports=ports,
        user_data=item.get("OS-EXT-SRV-ATTR:user_data") or "",
        config_drive=bool(item["config_drive"]),
        metadata=tuple(sorted(item["metadata"].items())),
    )
