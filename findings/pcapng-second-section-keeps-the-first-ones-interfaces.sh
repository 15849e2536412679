#!/usr/bin/env bash
# Software: scapy 2.8.0 and dpkt 1.9.8, beside python-pcapng 2.1.1.
# Expected: a pcapng file may have several sections, so that files can be joined by `cat`; interfaces are numbered anew in each
#   ("an Interface ID is unique [...] within the section", draft-ietf-opsawg-pcapng, Section Header Block and IDB).
# Seen: a file with nanoseconds joined by one with microseconds: the packet of the second has the first's interface 0 and is at
#   1700000 s, in January 1970, to scapy and dpkt. python-pcapng and Wireshark have it right.
# Why: scapy adds the new section's interfaces to the list of the old one's; dpkt goes on with the first description.
# Hurts: captures that are rotated and joined, from hosts with other resolutions or link types: scapy also reads the second
#   section by the link type of the first, so that raw IP is taken for Ethernet.
set -eu
. "$(dirname "$0")/lib/common.sh"

pypi scapy==2.8.0 python-pcapng==2.1.1 dpkt==1.9.8
PYTHONPATH=$(dirname "$0")/lib "$python" -W ignore - <<'PYTHON' && verdict 0 || verdict 1
import io

import dpkt
import pcapng
from capture import TIME, interface, packet, section
from scapy.all import PcapNgReader

first = section() + interface(tsresol=b"\x09") + packet(0, TIME * 10**9)
second = section() + interface(link=276) + packet(0, TIME * 10**6)  # 276: Linux cooked v2
data = first + second
packets = list(PcapNgReader(io.BytesIO(data)))
by_scapy = [float(read.time) for read in packets]
by_dpkt = [time for time, _ in dpkt.pcapng.Reader(io.BytesIO(data))]
by_other = [block.timestamp for block in pcapng.FileScanner(io.BytesIO(data)) if hasattr(block, "packet_data")]
print("both packets at", TIME, "- scapy:", by_scapy, "- dpkt:", by_dpkt, "- python-pcapng:", by_other)
print("link types 1 and 276 read by scapy as", [read.name for read in packets])
wrong = [TIME, TIME / 1000]
raise SystemExit(not (by_scapy == by_dpkt == wrong and by_other == [TIME, TIME] and packets[1].name == "Ethernet"))
PYTHON
