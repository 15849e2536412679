#!/usr/bin/env bash
# Software: OVN 23.03.1 (ovn-controller's own DHCPv6 server), the same in the sources of 26.03.
# Expected: `domain_search` (option 24) with ovn-nb(5)'s own example "ovn.org" as labels of RFC 1035, as RFC 3646, 4 and
#   RFC 8415, 10 ask: 03 "ovn" 03 "org" 00. For a "domain search list" one expects several names to be possible, too.
# Seen: 07 "ovn.org" 00, a single label with a dot in it (to DNS: `ovn\.org.`); of two names, one label with the comma in it.
# Why: compose_out_dhcpv6_opts() in pinctrl.c puts the length before the string and a zero after it, and never splits it.
#   OVN's DHCPv4 counterpart, domain_search_list, and its router advertisements do split names.
# Hurts: guests of an IPv6 network: a client that checks drops the option, one that does not searches below a name that
#   cannot exist. Decoders that join labels with dots (scapy's among them) print the broken option as if it were right.
set -eu
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/ovn.sh"

option() {
    ovn_dhcp 6 2001:db8::/64 server_id=02:00:00:00:00:ff "domain_search=\"$1\""
    ovn_ask v6 1 3=000000010000000000000000 | sed -n 's/^option 24 .*: //p'
}

ovn_up 2001:db8::5
one=$(option ovn.org)
two=$(option ovn.org,a.net)
right=036f766e036f726700
printf 'ovn.org:       %s\nof RFC 1035:   %s\novn.org,a.net: %s\n' "$one" "$right" "$two"

[ "$one" = 076f766e2e6f726700 ] || verdict 1
[ "$two" = 0d6f766e2e6f72672c612e6e657400 ] || verdict 1
verdict 0
