"""Networks in the kernel: for each a namespace with a bridge, its rules, its DHCP and its metadata service."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

from reference.guests import dhcp, isolation, metadata, security_groups, spaces
from reference.guests.daemon import Dnsmasq
from reference.guests.events import Events
from reference.guests.names import BRIDGE, METADATA, network_space
from reference.guests.records import Guest, Rule
from reference.guests.topology import Network, Topology

METADATA_PORT = 80
_CREATION = (
    "link set lo up",
    f"link add {BRIDGE} type bridge mcast_snooping 0",
    f"addr add {METADATA}/32 dev {BRIDGE}",
)
_ANEW = (f"link set {BRIDGE} down",)  # this deletes its routes
_SYSCTLS = {
    f"ipv6/conf/{BRIDGE}/disable_ipv6": "1",  # the bridge is on the network for DHCP and metadata alone
    "ipv4/ip_forward": "0",
    "ipv4/icmp_echo_ignore_all": "1",
    "bridge/bridge-nf-call-iptables": "0",
    "bridge/bridge-nf-call-ip6tables": "0",
    "bridge/bridge-nf-call-arptables": "0",
}


class NetworkSpace:
    """One network: its state as it was applied, and its programs."""

    def __init__(self, network: Network, place: Path, events: Events, who: Callable[[str, str], Guest | None]) -> None:
        self.id, self.space = network.id, network_space(network.id)
        self.dnsmasq = Dnsmasq(self.space, place / network.id, events)
        self._applied: dict[str, object] = {}
        self._rules: dict[str, tuple[Rule, ...]] = {}  # group -> the rules in force
        self._ports: set[str] = set()
        spaces.links(self.space, [*_CREATION, *_bridge(network)])
        self._applied["bridge"] = (network.up, network.mtu, network.subnets)
        spaces.sysctls(spaces.path(self.space), _SYSCTLS)
        listening = isolation.in_network(spaces.path(self.space), _listen)
        self._end = events.serve(listening, lambda caller, path: metadata.answer(who(self.id, caller), path))

    def apply(self, network: Network, topology: Topology) -> None:
        """Configure the namespace as `network` says, where that has changed. Raises Failed."""
        bridge = (network.up, network.mtu, network.subnets)
        self._once("bridge", bridge, lambda: spaces.links(self.space, [*_ANEW, *_bridge(network)]))
        self._apply_rules(network, topology)
        config = dhcp.network_config(network, str(self.dnsmasq.hosts_file))
        self.dnsmasq.apply(config, dhcp.network_hosts(network))

    def _apply_rules(self, network: Network, topology: Topology) -> None:
        """Load the rules; tracked connections are forgotten only if a rule or a port was removed."""
        chains = security_groups.chains(network, topology.rules, topology.members)
        rules = {group: topology.rules.get(group, ()) for port in network.guests for group in port.groups}
        ports = {port.id for port in network.guests}

        def load() -> None:
            changed = any(rules[group] != self._rules[group] for group in rules if group in self._rules)
            for change in security_groups.changes(chains, forget=changed or not self._ports <= ports):
                spaces.rules(self.space, change)
            self._rules, self._ports = rules, ports

        self._once("rules", chains, load)

    def _once(self, facet: str, value: object, work: Callable[[], None]) -> None:
        if self._applied.get(facet, ...) != value:
            work()
            self._applied[facet] = value

    def close(self) -> None:
        self._end()
        self.dnsmasq.stop()


def _listen() -> socket.socket:
    return socket.create_server((METADATA, METADATA_PORT), backlog=128)


def _bridge(network: Network) -> Iterator[str]:
    yield f"link set {BRIDGE} mtu {network.mtu} {'up' if network.up else 'down'}"
    for subnet in network.subnets if network.up else ():
        if subnet.version == 4:
            yield f"route replace {subnet.cidr} dev {BRIDGE} scope link src {METADATA}"
