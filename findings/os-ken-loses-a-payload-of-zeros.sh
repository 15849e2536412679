#!/usr/bin/env bash
# Software: os-ken 4.2.2 (the OpenFlow library of Neutron's agents), os_ken.lib.packet.packet.
# Expected: Packet(data) is, in the library's documentation, an "encoded packet" decoded; what no protocol class reads is kept
#   as bytes at the end of `protocols`, so that serialize() gives the packet back.
# Seen: with 40 bytes 01 for payload a UDP packet comes back as it was; with 40 bytes 00 the payload is gone, while the lengths
#   of IP and UDP still count it: the written frame is shorter than its own header says.
# Why: Packet._parser() takes every rest that is all zeros for Ethernet padding, although the IP header says where that starts.
# Hurts: applications that forward or log what they read (packet-in, packet-out): probes, iperf and memory dumps send zeros.
set -eu
. "$(dirname "$0")/lib/common.sh"

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
