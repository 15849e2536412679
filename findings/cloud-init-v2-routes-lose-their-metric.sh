#!/usr/bin/env bash
# Software: cloud-init 22.4.2 (Debian 12), renderers networkd, eni, sysconfig and network-manager; mended upstream since.
# Expected: its page "Networking config Version 2" says of routes: "Each mapping includes a to, via key [...] metric is an
#   optional value", with "metric: 3" in the example. Version 1 has the metric too, and the formats of all renderers have it.
# Seen: from version 1 networkd, eni and sysconfig write metric 333; from version 2, which says the same, none does. The
#   renderer network-manager writes it of neither. netplan alone has both, as its YAML is passed through.
# Why: network_state.py makes a v1 route of `to` and `via`, and of no other key.
# Hurts: servers with two ways out: both routes get the same metric on images without netplan, and either may win.
set -eu
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/cloudinit.sh"

cloudinit_unpack
cat >"$tmp/v1.yaml" <<'YAML'
version: 1
config:
- type: physical
  name: eth0
  subnets:
  - type: static
    address: 10.0.0.5/24
    routes: [{network: 10.9.0.0, netmask: 255.255.0.0, gateway: 10.0.0.1, metric: 333}]
YAML
cat >"$tmp/v2.yaml" <<'YAML'
version: 2
ethernets:
  eth0: {addresses: [10.0.0.5/24], routes: [{to: 10.9.0.0/16, via: 10.0.0.1, metric: 333}]}
YAML

for renderer in netplan networkd eni sysconfig network-manager; do
    seen=""
    for version in v1 v2; do
        rm -rf "$tmp/out"
        convert yaml "$tmp/$version.yaml" "$renderer"
        seen="$seen $version:$(grep -rq 333 "$tmp/out" && echo yes || echo no)"
    done
    echo "metric written by $renderer:$seen"
    case $renderer in
        netplan) [ "$seen" = " v1:yes v2:yes" ] || verdict 1 ;;
        network-manager) [ "$seen" = " v1:no v2:no" ] || verdict 1 ;;
        *) [ "$seen" = " v1:yes v2:no" ] || verdict 1 ;;
    esac
done
verdict 0
