"""Configurations of dnsmasq: DHCP on a network, router advertisements (and DHCPv6) on the interfaces of a router."""

import ipaddress
from collections.abc import Iterable, Iterator

from reference.guests.names import BRIDGE, METADATA, inner_link_of
from reference.guests.records import Port, Subnet
from reference.guests.topology import Network, Router

LEASE = 86400  # seconds an address is leased for
ADVERTISED = (10, 1800)  # seconds between two advertisements, and for which an advertised router is valid
_COMMON = ("port=0", "no-hosts", "no-resolv", "no-ping", "bind-interfaces", "dhcp-authoritative")
_MODES = {"slaac": "ra-only", "dhcpv6-stateless": "ra-stateless", "dhcpv6-stateful": "static"}


def network_config(network: Network, hosts_file: str) -> str:
    """The DHCP configuration for IPv4 subnets with DHCP, served from an address outside all subnets; empty without such
    a subnet. `hosts_file` gives the hosts' addresses; dnsmasq reads it again on SIGHUP.
    """
    served = [subnet for subnet in network.subnets if subnet.version == 4 and subnet.dhcp]
    if not served or not network.up:
        return ""
    lines = [*_COMMON, f"interface={BRIDGE}", f"dhcp-hostsfile={hosts_file}"]
    for subnet in served:
        prefix = ipaddress.ip_network(subnet.cidr)
        tag = f"s{subnet.id}"
        lines += [
            f"shared-network={BRIDGE},{prefix.network_address}",
            f"dhcp-range=set:{tag},{prefix.network_address},static,{prefix.netmask},{LEASE}",
            f"dhcp-option=tag:{tag},option:router" + (f",{subnet.gateway}" if subnet.gateway else ""),
            f"dhcp-option=tag:{tag},option:mtu,{network.mtu}",
            f"dhcp-option=tag:{tag},option:classless-static-route,{','.join(_routes(subnet))}",
            f"dhcp-option=tag:{tag},option:dns-server" + "".join(f",{s}" for s in subnet.dns if ":" not in s),
        ]
    return "\n".join(lines) + "\n"


def _routes(subnet: Subnet) -> Iterator[str]:
    """All routes of a guest, with the default route, as a guest with these ignores the router option (RFC 3442)."""
    for destination, next_hop in subnet.routes:
        if ":" not in destination:
            yield f"{destination},{next_hop}"
    yield f"{METADATA}/32,0.0.0.0"  # on the link
    if subnet.gateway:
        yield f"0.0.0.0/0,{subnet.gateway}"


def network_hosts(network: Network) -> tuple[str, ...]:
    """A line for each address that DHCP gives out."""
    return tuple(sorted(f"{port.mac},{ip}" for port in network.guests for ip in port.ips(4)))


def router_config(router: Router, hosts_file: str) -> str:
    """The configuration by which the router advertises itself, on interfaces whose subnets ask for it; empty without
    any.
    """
    lines = []
    for port, subnet in advertised(router):
        link = inner_link_of(port.id)
        first = ipaddress.ip_network(subnet.cidr).network_address
        lines += [
            f"interface={link}",
            f"dhcp-range={first},{_MODES[str(subnet.ra_mode)]},{subnet.length},{LEASE}",
            f"ra-param={link},mtu:{port.mtu},{','.join(map(str, ADVERTISED))}",
        ]
    if not lines or not router.up:
        return ""
    return "\n".join([*_COMMON, "enable-ra", f"dhcp-hostsfile={hosts_file}", *dict.fromkeys(lines)]) + "\n"


def advertised(router: Router) -> Iterator[tuple[Port, Subnet]]:
    """(interface, subnet) for each subnet in which the router advertises itself."""
    for subnet in router.subnets:
        prefix = ipaddress.ip_network(subnet.cidr)
        for port in router.interfaces:
            if subnet.ra_mode in _MODES and any(ipaddress.ip_address(ip) in prefix for ip in port.ips(subnet.version)):
                yield port, subnet


def router_hosts(router: Router, guests: Iterable[Port]) -> tuple[str, ...]:
    """A line for each address that DHCPv6 gives out."""
    prefixes = [ipaddress.ip_network(s.cidr) for _port, s in advertised(router) if s.ra_mode == "dhcpv6-stateful"]
    addresses = ((port.mac, ip) for port in guests for ip in port.ips(6))
    lines = (f"{mac},[{ip}]" for mac, ip in addresses if any(ipaddress.ip_address(ip) in prefix for prefix in prefixes))
    return tuple(sorted(lines))
