#!/usr/bin/env bash
# Software: dpkt 1.9.8 and scapy 2.8.0.
# Expected: a Simple Packet Block is a packet "without any timestamp" (draft-ietf-opsawg-pcapng, Simple Packet Block), for devices
#   short of time; readers give the packet, and no time (Wireshark's column is empty).
# Seen: dpkt passes such packets over without a word: a file of three has one. scapy gives them the time of reading: two packets
#   of an old capture have arrived just now, and after the one that really has a time.
# Why: dpkt's iterator knows Enhanced Packet Blocks (and the obsolete ones) alone; scapy's Packet takes time.time() where it is
#   told none.
# Hurts: counting and sorting packets of captures of embedded devices.
set -eu
. "$(dirname "$0")/lib/common.sh"

pypi scapy==2.8.0 dpkt==1.9.8
PYTHONPATH=$(dirname "$0")/lib "$python" -W ignore - <<'PYTHON' && verdict 0 || verdict 1
import io
import time

import dpkt
from capture import TIME, interface, packet, section, simple_packet
from scapy.all import PcapNgReader

data = section() + interface() + simple_packet() + packet(0, TIME * 10**6) + simple_packet()
start = time.time()
by_dpkt = [moment for moment, _ in dpkt.pcapng.Reader(io.BytesIO(data))]
by_scapy = [float(read.time) for read in PcapNgReader(io.BytesIO(data))]
told = ["now" if moment >= start else moment for moment in by_scapy]
print("packets: 3, times: 1 - dpkt:", by_dpkt, "- scapy:", told)
raise SystemExit(not (by_dpkt == [TIME] and told == ["now", TIME, "now"]))
PYTHON
