#!/usr/bin/env bash
# Software: OVN 23.03.1 (ovn-controller's own DHCPv6 server), the same in the sources of 26.03.
# Expected: RFC 8415, 18.3.9: the Advertise has each IA of the Solicit, those without a lease with status NoAddrsAvail or
#   NoPrefixAvail; also where the server has nothing for any of them.
# Seen: of IA_NA 1 and IA_NA 2 the last alone is answered; an IA_PD beside an IA_NA is left out without a word; a Solicit with
#   an IA_PD alone, as a router sends, gets no answer at all, so its client asks for ever.
# Why: pinctrl.c keeps one IAID, overwritten by each IA_NA, and knows no IA_PD; where it has none it gives up.
# Hurts: guests that are routers (OpenWrt and the like) or use more than one association: they wait instead of being told.
set -eu
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/ovn.sh"

ovn_up 2001:db8::5
ovn_dhcp 6 2001:db8::/64 server_id=02:00:00:00:00:ff

times=0000000000000000
several=$(ovn_ask v6 1 3=00000001$times 3=00000002$times 25=00000003$times)
prefix=$(ovn_ask v6 1 25=00000003$times)
printf 'Solicit with IA_NA 1, IA_NA 2 and IA_PD 3:\n%s\n\nSolicit with IA_PD 3:\n%s\n\n' "$several" "$prefix"

[ "$(grep -c '^option 3 ' <<<"$several")" = 1 ] || verdict 1
grep -q '^option 3 length 40: 00000002' <<<"$several" || verdict 1
! grep -q '^option 25 ' <<<"$several" || verdict 1
[ "$prefix" = "no answer" ] || verdict 1
verdict 0
