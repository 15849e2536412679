#!/usr/bin/env bash
# Software: scapy 2.8.0 (scapy.all), beside dpkt 1.9.8.
# Expected: RFC 2236, 2: all IGMP messages "contain the IP Router Alert option"; whether a packet does is what its header says.
#   One of 20 octets (ihl 5) has no options.
# Seen: IP(data) of a query without the option has options=[IPOption_Router_Alert()] beside ihl=5. Once a field is set, four
#   octets of option are written behind a header that still says 20, and what is read from that is an IGMP message of type 0x94.
#   dpkt has no options there.
# Why: the IGMP layer puts the option in place when it gets an IP layer without options below it, and that happens when a packet
#   is read as well.
# Hurts: tests of multicast (IGMP snooping, queriers in bridges and virtual switches): they cannot see that the option
#   is missing, and a capture that is read, changed and sent is broken.
set -eu

tmp=$(mktemp -d)
root=$tmp/root
export HOME=$tmp PYTHONDONTWRITEBYTECODE=1
namespaces=""
stop() {
    for file in "$tmp"/*.pid; do [ -e "$file" ] && kill "$(cat "$file")" 2>/dev/null || :; done
    for namespace in $namespaces; do ip netns del "$namespace" 2>/dev/null || :; done
    wait 2>/dev/null || :
    rm -rf "$tmp"
}
trap stop EXIT
trap 'exit 130' INT TERM
skip() {
    echo "skipped: $*" >&2
    exit 77
}
# pypi NAME==VERSION...: a virtual environment in $tmp/venv with these packages; $python is its interpreter.
pypi() {
    python=$tmp/venv/bin/python
    [ -x "$python" ] || python3 -m venv "$tmp/venv"
    env -u LD_LIBRARY_PATH "$python" -m pip install -q --no-compile --disable-pip-version-check "$@" >"$tmp/pip.log" 2>&1 ||
        skip "pip install $*: $(grep -m 1 ERROR "$tmp/pip.log")"
}
# verdict STATUS: the last line; STATUS is 0 where the behaviour is still as described.
verdict() {
    [ "$1" = 0 ] && echo "as described" || echo "CHANGED: the behaviour is no longer as described"
    exit "$1"
}

pypi scapy==2.8.0 dpkt==1.9.8
"$python" -W ignore - <<'PYTHON' && verdict 0 || verdict 1
import logging

logging.getLogger("scapy").setLevel(logging.ERROR)
import dpkt
from scapy.all import IP

ADDRESSES = bytes([10, 0, 0, 1, 224, 0, 0, 1])
QUERY = bytes.fromhex("1164ee9b00000000")
bare = bytes.fromhex("4500001c00000000010200 00") + ADDRESSES + QUERY
alert = bytes.fromhex("4600002000000000010200 00") + ADDRESSES + bytes.fromhex("94040000") + QUERY

seen = {}
for name, data in (("without", bare), ("with", alert)):
    packet = IP(data)
    seen[name] = packet.ihl, len(packet.options), len(dpkt.ip.IP(data).opts) // 4
    print(f"a query {name} the option - ihl {seen[name][0]}, options: {seen[name][1]} - by dpkt: {seen[name][2]}")

packet = IP(bare)
packet.ttl = 2
del packet.chksum
written = bytes(packet)
kind = written[(written[0] & 15) * 4]
print(f"with another TTL it has {len(written)} octets, its header says {written[3]}, and its payload begins with {kind:#x}")
expected = {"without": (5, 1, 0), "with": (6, 1, 1)}
raise SystemExit(not (seen == expected and (len(written), written[3], kind) == (32, 28, 0x94)))
PYTHON
