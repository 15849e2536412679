#!/usr/bin/env bash
# Software: OVN 23.03.1 (its own name server), the same in the sources of 26.03.
# Expected: names are compared without regard to case, wherever they come from (RFC 4343, 3); ovn-nb(5) asks for a "DNS query
#   name" as the key of a record, and ovn-nbctl takes `Upper.example` for one.
# Seen: the record Upper.example is found neither as upper.example nor as Upper.example, while VM.example finds vm.example. The
#   question goes on to the name server, which knows nothing of it.
# Why: ovn-controller makes the question lower case, for the records "are stored in lowercase"; ovn-northd, which is to see to
#   that, makes the value lower case and leaves the key (sync_dns_entries, northd.c).
# Hurts: whoever fills the DNS table by ovn-nbctl or an own client with the names people gave (Neutron makes them lower case).
set -eu
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/ovn.sh"

ovn_up 10.0.0.5
records=$(ovn-nbctl create DNS 'records={"vm.example"="10.0.0.9","Upper.example"="10.0.0.8"}')
ovn-nbctl add Logical_Switch net dns_records "$records"
ovn-nbctl --timeout=30 --wait=hv sync
lower=$(ovn_ask dns 1 VM.example)
upper=$(ovn_ask dns 1 Upper.example; ovn_ask dns 1 upper.example)
printf 'VM.example for vm.example: %s\nUpper.example and upper.example for Upper.example:\n%s\n' "$lower" "$upper"

case $lower in "code 0 answers 1: "*0a000009) ;; *) verdict 1 ;; esac
[ "$upper" = "no answer
no answer" ] || verdict 1
verdict 0
