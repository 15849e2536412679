#!/usr/bin/env bash
# Software: OVN 23.03.1 (ovn-controller's own DHCPv4 server), the same in the sources of 26.03.
# Expected: silence. A client that takes another server's offer broadcasts a DHCPREQUEST with that server's identifier; to all
#   other servers this is "notification that the client has declined their offer" (RFC 2131, 3.1.3 and 4.3.2).
# Seen: OVN reads no server identifier. A request to 10.0.0.2 for 10.0.0.77 is answered with a DHCPNAK by 10.0.0.1, and one
#   to 10.0.0.2 for OVN's own 10.0.0.5 with a DHCPACK in the name of 10.0.0.1.
# Why: pinctrl_handle_put_dhcp_opts() compares the requested address alone with the one it offers.
# Hurts: a network with a second DHCP server (a provider network, one in migration from the DHCP agent): a client that chose
#   the other server gets a NAK for it and starts anew, over and over.
set -eu
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/ovn.sh"

ovn_up 10.0.0.5
ovn_dhcp 4 10.0.0.0/24 server_id=10.0.0.1 server_mac=02:00:00:00:00:ff router=10.0.0.1 lease_time=3600

other_address=$(ovn_ask v4 3 50=0a00004d 54=0a000002)
same_address=$(ovn_ask v4 3 50=0a000005 54=0a000002)
printf 'REQUEST to 10.0.0.2 for 10.0.0.77:\n%s\n\nREQUEST to 10.0.0.2 for 10.0.0.5:\n%s\n\n' "$other_address" "$same_address"

grep -q '^option 53 length 1: 06$' <<<"$other_address" || verdict 1
grep -q '^option 53 length 1: 05$' <<<"$same_address" || verdict 1
grep -q '^option 54 length 4: 0a000001$' <<<"$same_address" || verdict 1
verdict 0
