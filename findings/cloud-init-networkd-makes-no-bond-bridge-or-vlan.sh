#!/usr/bin/env bash
# Software: cloud-init 22.4.2 (Debian 12), renderer networkd; mended upstream since.
# Expected: version 2 has bonds, bridges and vlans as device types, and networkd is one of the renderers it is written for;
#   systemd.netdev(5) makes such devices of a .netdev file, and Bond=, Bridge=, VLAN= in a .network file join them.
# Seen: only .network files are written. That of bond0 has its address, but no file makes bond0, and eth0 is not told of it; so
#   with br0 and vlan7. The exit status is 0, and no warning is logged. The sysconfig renderer writes all of it.
# Why: networkd.py renders each interface alike, by name, with addresses and routes; it knows no kinds of device.
# Hurts: images with networkd and without netplan: a server whose address is on a bond or VLAN comes up without a network.
set -eu
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/cloudinit.sh"

cloudinit_unpack
cat >"$tmp/v2.yaml" <<'YAML'
version: 2
ethernets: {eth0: {}, eth1: {}}
bonds: {bond0: {interfaces: [eth0], addresses: [10.0.0.5/24], parameters: {mode: active-backup}}}
bridges: {br0: {interfaces: [eth1], addresses: [10.1.0.5/24]}}
vlans: {vlan7: {id: 7, link: bond0, addresses: [10.7.0.5/24]}}
YAML
convert yaml "$tmp/v2.yaml" networkd
convert yaml "$tmp/v2.yaml" sysconfig

cd "$tmp/out"
echo "networkd: $(find networkd -name '*.net*' -type f -printf '%f ')"
echo "lines that make or join a device: $(grep -rlE '^(Kind|Bond|Bridge|VLAN)=' networkd | wc -l)"
echo "sysconfig: $(grep -rhE '^(MASTER|BRIDGE|VLAN|BONDING_OPTS)=' sysconfig | tr '\n' ' ')"

[ -z "$(find networkd -name '*.netdev')" ] && ! grep -rqE '^(Kind|Bond|Bridge|VLAN)=' networkd || verdict 1
grep -q '^Address=10.0.0.5/24' networkd/etc/systemd/network/10-cloud-init-bond0.network || verdict 1
grep -rq '^MASTER=bond0' sysconfig && grep -rq '^VLAN=yes' sysconfig && grep -rq '^BRIDGE=br0' sysconfig || verdict 1
verdict 0
