#!/usr/bin/env bash
# Software: OVN 23.03.1 (ovn-controller's own DHCPv4 server), the same in the sources of 26.03.
# Expected: `domain_search_list` (option 119) is, says ovn-nb(5), a comma separated list, "encoded based on RFC 1035";
#   RFC 3397 lets a name end in a pointer to an earlier name with the same ending.
# Seen: of "lab1,lab2" the second becomes a pointer to the first: the guest is told `lab1 lab1`. So with any two names that
#   differ in their last character alone: corp.example.co and corp.example.cn, dc1.net1 and dc1.net2.
# Why: actions.c looks for the same ending with a copy of the name made by ovs_strlcpy(suffix, domain, strlen(domain)), which
#   is one character short.
# Hurts: operators who number their sites: short names are looked up in the wrong one, and nothing anywhere says so.
set -eu
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/ovn.sh"

option() {
    ovn_dhcp 4 10.0.0.0/24 server_id=10.0.0.1 server_mac=02:00:00:00:00:ff lease_time=3600 "domain_search_list=\"$1\""
    ovn_ask v4 1 | sed -n 's/^option 119 .*: //p'
}

ovn_up 10.0.0.5
unlike=$(option lab1,site)
alike=$(option lab1,lab2)
printf 'lab1,site: %s\nlab1,lab2: %s\n' "$unlike" "$alike"

[ "$unlike" = 046c616231000473697465"00" ] || verdict 1
[ "$alike" = 046c61623100c000 ] || verdict 1
verdict 0
