#!/usr/bin/env bash
# Software: oslo.utils 10.2.0 with netaddr 1.3.0, the is_valid_ functions of netutils.
# Expected: is_valid_ip() is to "verify that address represents a valid IP address", as is_valid_ipv4() and
#   is_valid_ipv6() are for each version: what both refuse is no address. is_valid_port(): "Port can be valid integer
#   having a value of 0 up to and including 65535". is_valid_ipv6_cidr() is is_valid_cidr() of one version.
# Seen: 10.1 and 1 are valid for is_valid_ip(), though neither is an IPv4 or an IPv6 address for the other two. The
#   ports 1.5 and True are valid; strutils' validate_integer() refuses both. ::1 without a length is an IPv6 CIDR, and
#   no CIDR.
# Why: is_valid_ip() asks for IPv4 in the way of inet_aton(3), and is_valid_ipv4() stopped doing that in its own default; ports go
#   through int(); only one of the two looks for the slash.
# Hurts: validation of users' input. The standard library's ipaddress, and most services, refuse 10.1 later on; others make 10.0.0.1
#   of it.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check oslo.utils==10.2.0 netaddr==1.3.0
"$dir/venv/bin/python" - <<'EOF'
import sys

from oslo_utils import netutils, strutils


def is_integer(value):
    try:
        strutils.validate_integer(value, "port")
    except ValueError:
        return False
    return True


addresses = [
    (text, netutils.is_valid_ip(text), netutils.is_valid_ipv4(text), netutils.is_valid_ipv6(text)) for text in ("10.1", "1")
]
for text, either, four, six in addresses:
    print(f"{text}: is_valid_ip {either}, is_valid_ipv4 {four}, is_valid_ipv6 {six}")
ports = [(port, netutils.is_valid_port(port), is_integer(port)) for port in (1.5, True, "1.5")]
for port, valid, integer in ports:
    print(f"port {port!r}: is_valid_port {valid}, validate_integer {'takes' if integer else 'refuses'} it")
lengths = netutils.is_valid_cidr("::1"), netutils.is_valid_ipv6_cidr("::1")
print("::1: is_valid_cidr {}, is_valid_ipv6_cidr {}".format(*lengths))
if (
    any(row[1:] != (True, False, False) for row in addresses)
    or [row[1:] for row in ports] != [(True, False), (True, False), (False, False)]
    or lengths != (False, True)
):
    sys.exit("changed")
EOF
