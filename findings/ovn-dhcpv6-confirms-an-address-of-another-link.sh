#!/usr/bin/env bash
# Software: OVN 23.03.1 (ovn-controller's own DHCPv6 server), the same in the sources of 26.03.
# Expected: a client that wakes up on another link asks with Confirm whether its addresses still fit; RFC 8415, 18.3.3: "If any
#   of the addresses [...] are not appropriate for the link" the server MUST answer with status NotOnLink (4).
# Seen: a Reply with no status code (which means Success, 21.13) and, in an IA_NA that has no place there, the address that OVN
#   would give. The client asked about 2001:db8:bad::9, on a port of 2001:db8::/64.
# Why: pinctrl.c sends one and the same list of options in answer to Solicit, Request, Confirm and Decline.
# Hurts: a guest whose port was exchanged, or that was started from another's disk: a client goes by a Success "explicit or
#   implicit" (18.2.10.3), so it keeps an address that no router knows here.
set -eu
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/ovn.sh"

ovn_up 2001:db8::5
ovn_dhcp 6 2001:db8::/64 server_id=02:00:00:00:00:ff

foreign=20010db80bad00000000000000000009
reply=$(ovn_ask v6 4 3=00000001000000000000000000050018${foreign}0000000000000000)
printf 'Confirm of 2001:db8:bad::9:\n%s\n\n' "$reply"

grep -q ' message 7$' <<<"$reply" || verdict 1
! grep -q '^option 13 ' <<<"$reply" || verdict 1
grep -q '^option 3 .*20010db8000000000000000000000005' <<<"$reply" || verdict 1
verdict 0
