#!/usr/bin/env bash
# Software: os-net-config 18.1.0, its providers ifcfg, eni and nmstate.
# Expected: an interface has use_dhcpv6 for IPv6 and addresses of its own, as the schema allows; the address of IPv4 is configured,
#   as the provider eni does, and impl_nmstate.py (DHCPv6 in its ipv6 part, the address in its ipv4 part). With use_dhcp for IPv4
#   and a fixed address of IPv6, ifcfg itself writes both.
# Seen: ifcfg writes DHCPV6C=yes, and neither IPADDR nor NETMASK, for 192.0.2.5/24 with use_dhcpv6, without a word.
# Why: impl_ifcfg.py has `if base_opt.use_dhcpv6: ... elif base_opt.addresses:`, as if DHCPv6 gave the addresses of both families.
# Hurts: hosts of a cloud whose control plane is fixed in IPv4 and stateful in IPv6: they come up without their IPv4 address.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check os-net-config==18.1.0 || exit 77
# write PROVIDER FILE: what this provider would write to files whose names end so. Nothing is applied, the root is a folder of ours.
write() {
    "$dir/venv/bin/os-net-config" --config-file "$dir/config.yaml" --exit-on-validation-errors --noop --provider "$1" \
        --root-dir "$dir/root" >"$dir/out" 2>"$dir/log" || { cat "$dir/log"; exit 1; }
    sed -n "\\|^File: .*/$2\$|,/^----/{/^File/d;/^#/d;/^--*\$/d;/^\$/d;s/^ *//;p}" "$dir/out"
}
cat >"$dir/config.yaml" <<'YAML'
network_config:
- type: interface
  name: em1
  use_dhcp: false
  use_dhcpv6: true
  addresses: [{ip_netmask: 192.0.2.5/24}]
- type: interface
  name: em2
  use_dhcp: true
  addresses: [{ip_netmask: "2001:db8::5/64"}]
YAML
ifcfg=$(write ifcfg ifcfg-em1 | grep -E 'ADDR|MASK|DHCP|BOOTPROTO' | paste -sd ' ')
mirror=$(write ifcfg ifcfg-em2 | grep -E 'ADDR|MASK|DHCP|BOOTPROTO' | paste -sd ' ')
eni=$(write eni interfaces | sed -n '/iface em1/,/em2/{/address/p}')
printf 'DHCPv6 and 192.0.2.5 in ifcfg: %s\nin eni: %s\nDHCP and 2001:db8::5 in ifcfg: %s\n' "$ifcfg" "$eni" "$mirror"
[ "$ifcfg" = "DHCPV6C=yes" ] || exit 1
[ "$eni" = "address 192.0.2.5" ] || exit 1
[ "$mirror" = "BOOTPROTO=dhcp IPV6ADDR=2001:db8::5/64" ] || exit 1
