#!/usr/bin/env bash
# Software: cloud-init 22.4.2 (Debian 12), renderer network-manager; mended upstream since.
# Expected: a name server in `services` of OpenStack's network_data.json, for a port with a static address, ends in the guest's
#   resolver; the other renderers (netplan, networkd, eni, sysconfig) write it.
# Seen: the NetworkManager profile has address and route and no `dns=`; 10.9.9.9 is in no file at all.
# Why: the converter makes a global name server of each service, and network_manager.py reads those of the subnets alone.
# Hurts: guests on a network without DHCP (config drive, `enable_dhcp: false`) whose image has NetworkManager, such as RHEL's
#   and Fedora's: they reach everything and can look up nothing.
set -eu
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/cloudinit.sh"

cloudinit_unpack
cat >"$tmp/network_data.json" <<'JSON'
{"links": [{"id": "tap1", "type": "ovs", "ethernet_mac_address": "02:00:00:00:00:01", "mtu": 1442}],
 "networks": [{"id": "network0", "type": "ipv4", "link": "tap1", "ip_address": "192.168.1.5", "netmask": "255.255.255.0",
   "routes": [{"network": "0.0.0.0", "netmask": "0.0.0.0", "gateway": "192.168.1.1"}],
   "services": [{"type": "dns", "address": "10.9.9.9"}]}],
 "services": [{"type": "dns", "address": "10.9.9.9"}]}
JSON

for renderer in netplan networkd eni sysconfig network-manager; do
    convert network_data.json "$tmp/network_data.json" "$renderer"
    grep -rq '192.168.1.5' "$tmp/out/$renderer" || verdict 1
    seen=$(grep -rq '10\.9\.9\.9' "$tmp/out/$renderer" && echo yes || echo no)
    echo "10.9.9.9 written by $renderer: $seen"
    case "$renderer $seen" in "network-manager no") ;; network-manager* | *no) verdict 1 ;; esac
done
verdict 0
