#!/usr/bin/env bash
# Software: oslo.utils 10.2.0 with netaddr 1.3.0, netutils.get_ipv6_addr_by_EUI64 and get_mac_addr_by_ipv6.
# Expected: the first takes an "IPv6 prefix", raises ValueError or TypeError "For any invalid input", and for IPv4 has its own message,
#   "Unable to generate IP address by EUI64 for IPv4 prefix". An interface identifier is 64 bits (RFC 4291, 2.5.1), so that no
#   address of a longer prefix can be made; get_mac_addr_by_ipv6 undoes it for addresses that were made of a MAC address.
# Seen: "10.0.0.0/24" gives ::f816:3f00:800:1 without an error; "10.0.0.0" alone is refused. fd00::/72 gives
#   fd00::f816:3eff:fe00:1, which is not in it, and fd00:0:0:0:1::/80 one of fa:17:3e:00:00:01, which is not the MAC
#   address that was given. An address of privacy extensions gets a MAC address, too.
# Why: the check refuses only IPv4 addresses, not prefixes; then the two numbers are added. Two octets in the middle are
#   left out without a look whether they are ff:fe.
# Hurts: anyone who gives it the cidr of a subnet, as its name for the argument suggests: the mistake is an address, not an error.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check oslo.utils==10.2.0 netaddr==1.3.0
"$dir/venv/bin/python" - <<'EOF'
import sys

import netaddr
from oslo_utils import netutils

MAC = "fa:16:3e:00:00:01"
seen = {}
for prefix in ("fd00::/64", "10.0.0.0", "10.0.0.0/24", "fd00::/72", "fd00:0:0:0:1::/80"):
    try:
        address = netutils.get_ipv6_addr_by_EUI64(prefix, MAC)
    except ValueError as error:
        seen[prefix] = str(error)
    else:
        back = netutils.get_mac_addr_by_ipv6(address)
        seen[prefix] = f"{address}, {'in' if address in netaddr.IPNetwork(prefix) else 'not in'} the prefix, of {back}"
private = netaddr.IPAddress("fd00::1234:5678:9abc:def0")
seen[str(private)] = f"of {netutils.get_mac_addr_by_ipv6(private)}"
for name, text in seen.items():
    print(f"{name}: {text}")
expected = {
    "fd00::/64": f"fd00::f816:3eff:fe00:1, in the prefix, of {MAC}",
    "10.0.0.0": "Unable to generate IP address by EUI64 for IPv4 prefix",
    "10.0.0.0/24": "::f816:3f00:800:1, not in the prefix, of ",
    "fd00::/72": f"fd00::f816:3eff:fe00:1, not in the prefix, of {MAC}",
    "fd00:0:0:0:1::/80": "fd00::f817:3eff:fe00:1, not in the prefix, of fa:17:",
    str(private): "of 10:34:56:bc:de:f0",
}
if not all(seen[name].startswith(text) for name, text in expected.items()):
    sys.exit("changed")
EOF
