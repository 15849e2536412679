#!/usr/bin/env bash
# Software: glean 1.25.1 (--distro redhat, centos, fedora, rocky), the network set-up of images built by diskimage-builder.
# Expected: a port with one static IPv6 subnet, which network_data.json describes as one network of type "ipv6", gets an ifcfg
#   file with IPV6INIT, IPV6ADDR and IPV6_DEFAULTGW; glean's writers for Debian and networkd take the same input.
# Seen: AssertionError and a traceback; nothing is written for the interface, nor for any other. With an IPv4 network before it
#   the three lines are there.
# Why: _write_rh_v6_interface() appends to the file that the writer of IPv4 has begun, and asserts that there is one. The writer
#   of NetworkManager's keyfiles does so too.
# Hurts: IPv6-only servers made from CI images: they boot without a network, and the reason is on the console alone.
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
ipv4='{"id": "network0", "type": "ipv4", "link": "tap0", "ip_address": "10.0.0.5", "netmask": "255.255.255.0", "routes": []}'
ipv6='{"id": "network1", "type": "ipv6", "link": "tap0", "ip_address": "2001:db8::5", "netmask": "ffff:ffff:ffff:ffff::",
  "routes": [{"network": "::", "netmask": "::", "gateway": "2001:db8::1"}]}'
# written DISTRO NETWORKS: the lines of glean's output that have the IPv6 address, or its last line.
written() {
    printf '{"links": [{"id": "tap0", "type": "phy", "ethernet_mac_address": "02:00:00:00:00:01"}], "networks": [%s], "services": []}' \
        "$2" >"$drive/network_data.json"
    glean --distro "$1" --interface eth0 >"$tmp/out" || :
    if grep -qi 'addr.*2001:db8::5' "$tmp/out"; then
        grep -i 'addr.*2001:db8::5' "$tmp/out" | sed 's/^ *//'
    else
        tail -n 1 "$tmp/out"
    fi
}

for distro in debian networkd redhat; do
    alone=$(written "$distro" "$ipv6")
    both=$(written "$distro" "$ipv4, $ipv6")
    echo "$distro: IPv6 alone: $alone - both: $both"
    case $distro:$alone:$both in
        redhat:AssertionError:IPV6ADDR=2001:db8::5/64 | debian:address*:address* | networkd:Address=*:Address=*) ;;
        *) verdict 1 ;;
    esac
done
verdict 0
