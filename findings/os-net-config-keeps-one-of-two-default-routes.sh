#!/usr/bin/env bash
# Software: os-net-config 18.1.0, its providers ifcfg, eni and nmstate.
# Expected: each route of the list is configured: its schema has table and metric for a route, and impl_nmstate.py sends both, for
#   one route after the other. A host that answers on two networks has a default route in the main table and one in another.
# Seen: of two default routes, one in the main table with metric 50 and one in table 200, ifcfg writes the second alone: in the main
#   table there is none. Written as 0.0.0.0/0 both are there. A metric is in none of the lines. eni writes both default routes,
#   without their table and metric. All end with status 0.
# Why: _add_routes() of impl_ifcfg.py assigns each default route to first_line, so that it is first; neither it nor that of
#   impl_eni.py reads route.metric.
# Hurts: hosts with policy routing, set up with ifcfg: no way out of them is left, or the wrong of two ways is preferred.
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
# routes MAIN OTHER: a configuration with a route in the main table, given so, and one in table 200, given so.
routes() {
    cat >"$dir/config.yaml" <<YAML
network_config:
- type: interface
  name: em1
  use_dhcp: false
  addresses: [{ip_netmask: 198.51.100.5/24}]
  routes:
  - {$1, next_hop: 198.51.100.1, metric: 50}
  - {$2, next_hop: 198.51.100.254, table: 200}
YAML
}
routes "default: true" "default: true"
ifcfg=$(write ifcfg route-em1)
eni=$(write eni interfaces | grep '^up')
routes "ip_netmask: 0.0.0.0/0" "ip_netmask: 0.0.0.0/0"
spelled=$(write ifcfg route-em1)
printf 'ifcfg, default:\n%s\nifcfg, 0.0.0.0/0:\n%s\neni, default:\n%s\n' "$ifcfg" "$spelled" "$eni"
[ "$ifcfg" = "default via 198.51.100.254 dev em1 table 200" ] || exit 1
[ "$spelled" = "0.0.0.0/0 via 198.51.100.1 dev em1
0.0.0.0/0 via 198.51.100.254 dev em1 table 200" ] || exit 1
[ "$eni" = "up route add -net 0.0.0.0 netmask 0.0.0.0 gw 198.51.100.1
up route add -net 0.0.0.0 netmask 0.0.0.0 gw 198.51.100.254" ] || exit 1
