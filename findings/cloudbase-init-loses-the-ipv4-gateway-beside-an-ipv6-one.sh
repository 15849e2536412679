#!/usr/bin/env bash
# Software: cloudbase-init 1.1.9, cloud-init for Windows: its service NoCloud with a network configuration of version 2.
# Expected: gateway4 is the default gateway of IPv4 and gateway6 that of IPv6 (netplan's keys, whose format version 2 is; deprecated
#   there, but still read): with both there are two default routes, as there are of two routes with `to: default`.
# Seen: of gateway4: 192.0.2.1 and gateway6: 2001:db8::1 the one default route is that of IPv6; a server with an IPv4 and an IPv6
#   address has no way out in IPv4. Each alone is right, and so are both as `routes`.
# Why: _parse_addresses() in nocloudservice.py has `if gateway6 ...: default_route = ... elif gateway4 ...:`.
# Hurts: Windows guests on dual-stack networks, of hypervisors that write gateway4 and gateway6: no IPv4 beyond the subnet.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check cloudbase-init==1.1.9 || exit 77
"$dir/venv/bin/python" -W ignore - <<'EOF'
import sys

from cloudbaseinit.metadata.services import nocloudservice


def routes(**gateways):
    ethernet = {"match": {"macaddress": "02:00:00:00:00:01"}, "addresses": ["192.0.2.5/24", "2001:db8::5/64"]} | gateways
    details = nocloudservice.NoCloudNetworkConfigV2Parser().parse({"version": 2, "ethernets": {"eth0": ethernet}})
    return sorted({(route.network_cidr, route.gateway) for network in details.networks for route in network.routes})


ipv4, ipv6 = ("0.0.0.0/0", "192.0.2.1"), ("::/0", "2001:db8::1")
seen = [
    routes(gateway4="192.0.2.1"),
    routes(gateway6="2001:db8::1"),
    routes(gateway4="192.0.2.1", gateway6="2001:db8::1"),
    routes(routes=[{"to": "default", "via": "192.0.2.1"}, {"to": "default", "via": "2001:db8::1"}]),
]
for name, found in zip(("gateway4", "gateway6", "gateway4 and gateway6", "two routes"), seen):
    print(f"{name}: {found}")
if seen != [[ipv4], [ipv6], [ipv6], [ipv4, ipv6]]:
    sys.exit("changed")
EOF
