#!/usr/bin/env bash
# Software: glean 1.25.1 (--distro networkd), the network set-up of images built by diskimage-builder.
# Expected: a subnet with ipv6_address_mode dhcpv6-stateful is in Nova's network_data.json as type "ipv6_dhcpv6-stateful" (Nova's
#   virt/netutils.py puts the mode behind "ipv6_"); glean has a branch that writes `DHCP=ipv6` for it.
# Seen: the branch asks for "ipv6_dhcpv6_stateful", with another underscore, which nobody sends. Beside DHCP for IPv4 the file says
#   `IPv6AcceptRA=no` and nothing of IPv6 but a default route; with IPv6 alone glean ends in KeyError '[Network]'. Spelled its
#   way, `DHCP=yes` is there. "ipv6_slaac", which has no such choice of spellings, is right.
# Why: a misspelled constant that none of its tests has.
# Hurts: servers on the network that OpenStack gives them by itself, when its IPv6 subnet is for DHCPv6: they have no IPv6 address,
#   and networkd does not look for one.
set -eu

tmp=$(mktemp -d)
root=$tmp/root
export HOME=$tmp PYTHONDONTWRITEBYTECODE=1
namespaces=""
stop() {
    for file in "$tmp"/*.pid; do [ -e "$file" ] && kill "$(cat "$file")" 2>/dev/null || :; done
    for namespace in $namespaces; do ip netns del "$namespace" 2>/dev/null || :; done
    wait 2>/dev/null || :
    rm -rf "$tmp"
}
trap stop EXIT
trap 'exit 130' INT TERM
skip() {
    echo "skipped: $*" >&2
    exit 77
}
# pypi NAME==VERSION...: a virtual environment in $tmp/venv with these packages; $python is its interpreter.
pypi() {
    python=$tmp/venv/bin/python
    [ -x "$python" ] || python3 -m venv "$tmp/venv"
    env -u LD_LIBRARY_PATH "$python" -m pip install -q --no-compile --disable-pip-version-check "$@" >"$tmp/pip.log" 2>&1 ||
        skip "pip install $*: $(grep -m 1 ERROR "$tmp/pip.log")"
}
# verdict STATUS: the last line; STATUS is 0 where the behaviour is still as described.
verdict() {
    [ "$1" = 0 ] && echo "as described" || echo "CHANGED: the behaviour is no longer as described"
    exit "$1"
}

pypi glean==1.25.1
# glean OPTION...: without writing anything, its lock kept out of /tmp.
glean() {
    LOCK=$tmp/lock "$python" -W ignore -c '
import os
from glean import cmd
lock = cmd.systemlock.Lock
cmd.systemlock.Lock = lambda path: lock(os.environ["LOCK"])
cmd.main()' --root "$tmp/drive" --noop "$@" 2>&1
}
drive=$tmp/drive/mnt/config/openstack/latest
mkdir -p "$drive" "$tmp/drive/sys/class/net/eth0"
echo 02:00:00:00:00:01 >"$tmp/drive/sys/class/net/eth0/address"
echo 0 >"$tmp/drive/sys/class/net/eth0/addr_assign_type"
# network_section TYPE OTHER: what glean writes in [Network] for a port with IPv6 of this type, after the networks of OTHER.
network_section() {
    cat >"$drive/network_data.json" <<JSON
{"links": [{"id": "tap0", "type": "phy", "ethernet_mac_address": "02:00:00:00:00:01"}],
 "networks": [$2 {"id": "network1", "type": "$1", "link": "tap0", "ip_address": "2001:db8::5", "netmask": "ffff:ffff:ffff:ffff::",
   "routes": [{"network": "::", "netmask": "::", "gateway": "2001:db8::1"}]}],
 "services": []}
JSON
    glean --distro networkd --interface eth0 >"$tmp/out" || :
    sed -n -e '/^\[Network\]/,/^$/{/^[A-Z]/p}' -e '/^KeyError/p' "$tmp/out" | tr '\n' ' '
}
ipv4='{"id": "network0", "type": "ipv4_dhcp", "link": "tap0"},'

sent=$(network_section ipv6_dhcpv6-stateful "$ipv4")
alone=$(network_section ipv6_dhcpv6-stateful "")
own=$(network_section ipv6_dhcpv6_stateful "$ipv4")
slaac=$(network_section ipv6_slaac "$ipv4")
printf 'as Nova sends it: %s\nand without IPv4: %s\nas glean spells it: %s\nslaac: %s\n' "$sent" "$alone" "$own" "$slaac"
[ "$sent" = "DHCP=ipv4 IPv6AcceptRA=no " ] && [ "$alone" = "KeyError: '[Network]' " ] || verdict 1
[ "$own" = "DHCP=ipv4 DHCP=yes IPv6AcceptRA=no " ] && [ "$slaac" = "DHCP=ipv4 IPv6AcceptRA=yes " ] || verdict 1
verdict 0
