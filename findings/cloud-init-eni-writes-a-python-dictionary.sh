#!/usr/bin/env bash
# Software: cloud-init 22.4.2 (Debian 12), renderer eni, for /etc/network/interfaces of ifupdown; mended upstream since.
# Expected: interfaces(5) has lines of an option and its value; `dns-nameservers` and `dns-search` are those of resolvconf.
# Seen: version 2's `nameservers` are written twice, right and as
#     dns {'nameservers': ['192.168.1.53'], 'search': ['a.example']}
#   and `accept-ra: false` as `accept_ra 0` in the IPv4 stanza, where ifupdown hands it to nobody. The cost of a bridge's port
#   is lost: `bridge_pathcost eth1` names the port and has no number.
# Why: eni.py writes every key of an interface that is not on a list of exceptions, whatever the value is.
# Hurts: images with ifupdown: each `ifup` runs its scripts with IF_DNS="{'nameservers': ...", accept_ra stays as the kernel
#   has it, and the port's cost too.
set -eu
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/cloudinit.sh"

cloudinit_unpack
cat >"$tmp/v2.yaml" <<'YAML'
version: 2
ethernets:
  eth0: {dhcp4: true, dhcp6: true, accept-ra: false, nameservers: {addresses: [192.168.1.53], search: [a.example]}}
  eth1: {}
bridges: {br0: {interfaces: [eth1], dhcp4: true, parameters: {path-cost: {eth1: 50}}}}
YAML
convert yaml "$tmp/v2.yaml" eni
interfaces=$tmp/out/eni/etc/network/interfaces.d/50-cloud-init
grep -v '^#' "$interfaces"

grep -q "^    dns {'nameservers': \['192.168.1.53'\], 'search': \['a.example'\]}$" "$interfaces" || verdict 1
sed -n '/^iface eth0 inet dhcp/,/^$/p' "$interfaces" | grep -q accept_ra || verdict 1
! sed -n '/^iface eth0 inet6/,/^$/p' "$interfaces" | grep -q accept_ra || verdict 1
grep -q '^    bridge_pathcost eth1$' "$interfaces" || verdict 1
verdict 0
