#!/usr/bin/env bash
# Software: netplan.io 0.106, renderer NetworkManager beside networkd.
# Expected: netplan(5), link-local: "If this field is not defined, the default is to enable only IPv6 link-local addresses."
# Seen: for an interface with `dhcp6: true` alone networkd gets LinkLocalAddressing=ipv6, and NetworkManager [ipv4]
#   method=link-local: it takes 169.254.x.x with a route for 169.254.0.0/16. An interface with `dhcp4: true` alone gets
#   [ipv6] method=ignore, so the one link-local protocol that the default enables is not managed. So for members of a bond.
# Why: nm.c writes "link-local" for any interface without an IPv4 address, and looks at link-local for its IPv6 part alone.
# Hurts: servers with an IPv6-only second port: 169.254.169.254, the metadata service, is then asked on that port's link.
set -eu
. "$(dirname "$0")/lib/common.sh"

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
