"""How the values of a subnet have to fit its prefix and each other; nothing here uses the database."""

import ipaddress
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from reference.network.ipam import addressing
from reference.network.rest.address_checks import Network
from reference.network.rest.errors import error

LONGEST_WITH_DHCP = {4: 30, 6: 126}
# attribute -> how many a subnet may have of it, and the error for more
MOST = {"dns_nameservers": (5, "DNSNameServersExhausted"), "host_routes": (20, "HostRoutesExhausted")}
LEAST_MTU = {4: 68, 6: 1280}  # of a network with subnets of that IP version
EUI64 = 64  # the only prefix length in which addresses follow from MAC addresses


def consistent(prefix: Network, values: Mapping[str, Any]) -> None:
    """Refuse inconsistent values. Raises Problem: 400 for what does not fit the prefix; 409 for a gateway in a pool."""
    _gateway(prefix, values["gateway_ip"])
    require_fitting_ranges(prefix, values["allocation_pools"], values["gateway_ip"])
    require_one_version(prefix.version, values)
    require_few(values)
    require_possible_modes(prefix, values)


def _gateway(prefix: Network, gateway: str | None) -> None:
    """Refuse a gateway of another IP version, or the first or last address of IPv4; it may be outside the prefix."""
    if gateway is None:
        return
    address, ends = ipaddress.ip_address(gateway), (prefix.network_address, prefix.broadcast_address)
    is_reserved = prefix.version == 4 and prefix.num_addresses > 2 and address in ends
    if address.version != prefix.version or is_reserved:
        raise error("InvalidInput", text=f"Gateway {gateway} is not valid on subnet {prefix}")


def require_fitting_ranges(prefix: Network, pools: list[dict[str, str]], gateway: str | None) -> None:
    """Refuse ranges outside of the prefix's host addresses, and ranges that overlap each other or hold the gateway."""
    [hosts] = addressing.default_pools(prefix, None)
    lowest, highest = (int(ipaddress.ip_address(hosts[end])) for end in ("start", "end"))
    ranges = []
    for pool in pools:
        first, last = (ipaddress.ip_address(pool[end]) for end in ("start", "end"))
        if {first.version, last.version} != {prefix.version} or int(first) > int(last):
            raise error("InvalidAllocationPool", pool=f"{first}-{last}")
        if not lowest <= int(first) <= int(last) <= highest:
            raise error("OutOfBoundsAllocationPool", pool=f"{first}-{last}", prefix=prefix)
        if gateway is not None and int(first) <= int(ipaddress.ip_address(gateway)) <= int(last):
            raise error("GatewayConflictWithAllocationPools", ip=gateway, pool=f"{first}-{last}")
        ranges.append((int(first), int(last)))
    if any(higher[0] <= lower[1] for lower, higher in pairwise(sorted(ranges))):
        raise error("OverlappingAllocationPools", prefix=prefix)


def require_one_version(version: int, values: Mapping[str, Any]) -> None:
    """Refuse name servers and routes of another IP version (N-SUB-011)."""
    routes = [route[end].split("/")[0] for route in values["host_routes"] for end in ("destination", "nexthop")]
    for address in [*values["dns_nameservers"], *routes]:
        if ipaddress.ip_address(address).version != version:
            raise error("InvalidInput", text=f"'{address}' is not an IPv{version} address")


def require_few(values: Mapping[str, Any]) -> None:
    """Refuse more name servers or routes than a subnet may have. Raises Problem (400)."""
    for name, (most, kind) in MOST.items():
        if len(values[name]) > most:
            raise error(kind, most=most)


def require_possible_modes(prefix: Network, values: Mapping[str, Any]) -> None:
    """Refuse IPv6 modes on IPv4 or without DHCP, two different ones, and addresses by MAC (SLAAC) outside of a /64."""
    router, address = values["ipv6_ra_mode"], values["ipv6_address_mode"]
    modes = [mode for mode in (router, address) if mode is not None]
    if modes and prefix.version == 4:
        raise error("InvalidInput", text="ipv6_ra_mode and ipv6_address_mode are for IPv6")
    if modes and not values["enable_dhcp"]:
        raise error(
            "InvalidInput", text="ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to False"
        )
    if len(set(modes)) > 1:
        text = f"ipv6_ra_mode set to '{router}' with ipv6_address_mode set to '{address}' is not valid"
        raise error("InvalidInput", text=text)
    if set(modes) & {"slaac", "dhcpv6-stateless"} and prefix.prefixlen != EUI64:
        raise error("InvalidInput", text=f"Invalid CIDR {prefix} for IPv6 address mode: the prefix has to be /{EUI64}")


def require_usable(prefix: Network, enabled: bool) -> None:
    """Refuse a prefix that no subnet can have, or that no subnet with DHCP can have if DHCP is `enabled`.

    Raises Problem: 400 (N-SUB-020).
    """
    if prefix.prefixlen == 0:
        raise error("InvalidInput", text="0 is not allowed as CIDR prefix length")
    first = prefix.network_address
    if prefix.version == 6 and int(first) == 0:
        raise error("InvalidInput", text="IPv6 subnet '::' is not supported")
    reasons = {
        "Subnet has a prefix length that is incompatible with DHCP service enabled": (
            prefix.prefixlen > LONGEST_WITH_DHCP[prefix.version]
        ),
        "Multicast IP subnet is not supported if enable_dhcp is True": prefix.is_multicast,
        "Loopback IP subnet is not supported if enable_dhcp is True": prefix.is_loopback,
        "First IP '0.0.0.0' of network is not supported if enable_dhcp is True": int(first) == 0,
    }
    text = next((reason for reason, holds in reasons.items() if holds), None)
    if enabled and text:
        raise error("InvalidInput", text=text)


def require_mtu(version: int, mtu: int) -> None:
    """Refuse a subnet on a network of a smaller MTU than its IP version needs. Raises Problem (409)."""
    if mtu < LEAST_MTU[version]:
        raise error("NetworkMTUSubnetConflict", mtu=mtu, least=LEAST_MTU[version])
