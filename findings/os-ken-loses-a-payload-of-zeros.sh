#!/usr/bin/env bash
# Software: os-ken 4.2.2 (the OpenFlow library of Neutron's agents), os_ken.lib.packet.packet.
# Expected: Packet(data) is, in the library's documentation, an "encoded packet" decoded; what no protocol class reads is kept
#   as bytes at the end of `protocols`, so that serialize() gives the packet back.
# Seen: with 40 bytes 01 for payload a UDP packet comes back as it was; with 40 bytes 00 the payload is gone, while the lengths
#   of IP and UDP still count it: the written frame is shorter than its own header says.
# Why: Packet._parser() takes all remaining zeros for Ethernet padding, although the IP header says where padding
#   starts.
# Hurts: applications that forward or log what they read (packet-in, packet-out): probes, iperf and memory dumps send zeros.
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

pypi os-ken==4.2.2
"$python" -W ignore - <<'PYTHON' && verdict 0 || verdict 1
from os_ken.lib.packet import ethernet, ipv4, packet, udp

def frame(payload):
    made = packet.Packet()
    made.add_protocol(ethernet.ethernet())
    made.add_protocol(ipv4.ipv4(src="10.0.0.1", dst="10.0.0.2", proto=17))
    made.add_protocol(udp.udp(1000, 2000))
    made.add_protocol(payload)
    made.serialize()
    return bytes(made.data)

lost = {}
for payload in (bytes([1]) * 40, bytes(40)):
    data = frame(payload)
    parsed = packet.Packet(data)
    parsed.serialize()
    lost[payload[0]] = len(data) - len(parsed.data)
    length = int.from_bytes(parsed.data[16:18], "big")
    print(f"payload of {payload[0]:02d}: read {len(data)} bytes, written {len(parsed.data)}, IP length {length} + 14")
raise SystemExit(lost != {1: 0, 0: 22})  # 82 bytes become 60, the least that Ethernet has
PYTHON
