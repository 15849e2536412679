#!/usr/bin/env bash
# Software: OVN 23.03.1 (ovn-controller's own DHCPv4 server), the same in the sources of 26.03.
# Expected: a DHCPNAK carries the server identifier (a MUST in table 3 of RFC 2131) and, where there is no relay, goes to
#   255.255.255.255, "because the client may not have a correct network address" (a MUST in 4.3.2).
# Seen: it has option 53 alone, and goes to 10.0.0.5, the address that the client does not have: it asked for 10.0.0.77.
# Why: pinctrl_handle_put_dhcp_opts() leaves all options out of a NAK, and looks at the broadcast flag only.
# Hurts: a guest that comes back with an old address (a moved port, a snapshot). busybox's udhcpc 1.35, as in CirrOS, compares the
#   identifier of a NAK with its server's and ignores one without; a client that renews over an ordinary UDP socket is never
#   handed it by its kernel. Both keep the old address until the lease ends. dhclient listens to raw packets and is not hurt.
set -eu
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/ovn.sh"

ovn_up 10.0.0.5
ovn_dhcp 4 10.0.0.0/24 server_id=10.0.0.1 server_mac=02:00:00:00:00:ff router=10.0.0.1 lease_time=3600

nak=$(ovn_ask v4 3 50=0a00004d)
ack=$(ovn_ask v4 3 50=0a000005)
printf 'REQUEST for 10.0.0.77:\n%s\n\nREQUEST for 10.0.0.5:\n%s\n\n' "$nak" "$ack"

grep -q '^option 54 ' <<<"$ack" || verdict 1
[ "$nak" = "to 10.0.0.5 for 0.0.0.0
option 53 length 1: 06" ] || verdict 1
verdict 0
