#!/usr/bin/env bash
# Software: OVN 23.03.1 (ovn-controller's own DHCPv4 server), the same in the sources of 26.03.
# Expected: `classless_static_route` (option 121) has no limit in ovn-nb(5). A length of more than 255 bytes is to be split
#   into several options of the same code, says RFC 3396 (and RFC 3442 asks for it), or at least to be refused or logged.
# Seen: with 36 routes of a /24 (8 bytes each, 288 in all) the answer says length 32 (288 modulo 256), so a client reads four
#   routes and takes the other 32 for options of other codes; lease time, netmask, router and server identifier are gone, and
#   an offer without a server identifier cannot be accepted. Nothing is logged.
# Why: encode_put_dhcpv4_option() adds the lengths up in the option's one byte.
# Hurts: a subnet with many host routes: guests that ask for a lease get none (Neutron allows 20 routes by default, but
#   max_subnet_host_routes is there to be raised).
set -eu
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/ovn.sh"

answer() {
    local routes
    routes=$(for number in $(seq 1 "$1"); do printf '192.168.%d.0/24,10.0.0.9,' "$number"; done)
    ovn_dhcp 4 10.0.0.0/24 server_id=10.0.0.1 server_mac=02:00:00:00:00:ff router=10.0.0.1 lease_time=3600 \
        "classless_static_route={${routes%,}}"
    ovn_ask v4 1
}

ovn_up 10.0.0.5
few=$(answer 31)
many=$(answer 36)
printf '31 routes:\n%s\n\n36 routes:\n%s\n\n' "$(cut -c -100 <<<"$few")" "$(cut -c -100 <<<"$many")"
echo "warnings: $(grep -c '|lflow|WARN\|pinctrl.*|WARN' "$tmp/controller.log" || :)"

grep -q '^option 121 length 248:' <<<"$few" && grep -q '^option 54 length 4: 0a000001$' <<<"$few" || verdict 1
grep -q '^option 121 length 32:' <<<"$many" || verdict 1
! grep -q '^option 54 ' <<<"$many" || verdict 1
verdict 0
