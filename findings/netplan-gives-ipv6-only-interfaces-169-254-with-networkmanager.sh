#!/usr/bin/env bash
# Software: netplan.io 0.106, renderer NetworkManager beside networkd.
# Expected: netplan(5), link-local: "If this field is not defined, the default is to enable only IPv6 link-local addresses."
# Seen: for an interface with `dhcp6: true` alone networkd gets LinkLocalAddressing=ipv6, and NetworkManager [ipv4]
#   method=link-local: it takes 169.254.x.x with a route for 169.254.0.0/16. An interface with `dhcp4: true` alone gets
#   [ipv6] method=ignore, so the one link-local protocol that the default enables is not managed. Members of a bond are
#   the same.
# Why: nm.c writes "link-local" for any interface without an IPv4 address, and looks at link-local for its IPv6 part alone.
# Hurts: servers with an IPv6-only second port: 169.254.169.254, the metadata service, is then asked on that port's link.
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
# debian NAME[=VERSION]...: unpack Debian packages under $root and put them on the paths; nothing is installed.
debian() {
    mkdir -p "$tmp/debs" "$root"
    (cd "$tmp/debs" && apt-get download -qq "$@" >"$tmp/apt.log" 2>&1) || skip "apt-get download $*: $(tail -n 1 "$tmp/apt.log")"
    for package in "$tmp"/debs/*.deb; do
        dpkg -x "$package" "$root"
    done
    rm -r "$tmp/debs"
    export PATH="$root/usr/sbin:$root/usr/bin:$root/sbin:$root/bin:$PATH"
    export LD_LIBRARY_PATH="$root/usr/lib/$(uname -m)-linux-gnu:$root/lib/$(uname -m)-linux-gnu"
}
# verdict STATUS: the last line; STATUS is 0 where the behaviour is still as described.
verdict() {
    [ "$1" = 0 ] && echo "as described" || echo "CHANGED: the behaviour is no longer as described"
    exit "$1"
}

debian netplan.io=0.106-2+deb12u1 libnetplan0=0.106-2+deb12u1 libyaml-0-2 libglib2.0-0 libuuid1 libpcre2-8-0
generated() {
    mkdir -p "$tmp/$1/etc/netplan"
    cat >"$tmp/$1/etc/netplan/one.yaml" <<YAML
network: {version: 2, renderer: $1, ethernets: {eth0: {dhcp6: true}, eth1: {dhcp4: true}}}
YAML
    chmod 600 "$tmp/$1/etc/netplan/one.yaml"
    "$root/usr/libexec/netplan/generate" --root-dir "$tmp/$1"
}
generated networkd
generated NetworkManager
for name in eth0 eth1; do
    echo "networkd, $name: $(grep -E '^(DHCP|LinkLocal)' "$tmp/networkd/run/systemd/network/10-netplan-$name.network" | tr '\n' ' ')"
    echo "NetworkManager, $name: $(sed -n '/^\[ipv/,$p' "$tmp/NetworkManager/run/NetworkManager/system-connections/netplan-$name.nmconnection" | tr '\n' ' ')"
done

grep -q '^LinkLocalAddressing=ipv6$' "$tmp/networkd/run/systemd/network/10-netplan-eth0.network" || verdict 1
grep -A 1 '^\[ipv4\]' "$tmp/NetworkManager/run/NetworkManager/system-connections/netplan-eth0.nmconnection" | grep -q method=link-local || verdict 1
grep -A 1 '^\[ipv6\]' "$tmp/NetworkManager/run/NetworkManager/system-connections/netplan-eth1.nmconnection" | grep -q method=ignore || verdict 1
verdict 0
