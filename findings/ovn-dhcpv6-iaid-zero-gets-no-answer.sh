#!/usr/bin/env bash
# Software: OVN 23.03.1 (ovn-controller's own DHCPv6 server), the same in the sources of 26.03.
# Expected: an Advertise. RFC 8415, 21.4 lets a client number its associations as it likes (four octets, unique to the
#   client), and 18.3.1 has the server answer a valid Solicit. wide-dhcpv6's dhcp6c numbers from 0 (`id-assoc na 0` is
#   what it takes where none is given).
# Seen: IAID 1 is answered, IAID 0 never; the log says "DHCPv6 option - IA NA not present in the DHCPv6 packet".
# Why: pinctrl.c keeps the IAID in an integer in which 0 also means that there was no IA_NA.
# Hurts: guests with such a client on an OVN network with dhcpv6-stateful: they never get an address, and dnsmasq served them.
set -eu
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/ovn.sh"

ovn_up 2001:db8::5
ovn_dhcp 6 2001:db8::/64 server_id=02:00:00:00:00:ff

one=$(ovn_ask v6 1 3=000000010000000000000000)
zero=$(ovn_ask v6 1 3=000000000000000000000000)
printf 'Solicit with IAID 1:\n%s\n\nSolicit with IAID 0:\n%s\n\n' "$one" "$zero"
grep 'IA NA not present' "$tmp/controller.log" || :

case $one in *"message 2"*) ;; *) verdict 1 ;; esac
[ "$zero" = "no answer" ] || verdict 1
verdict 0
