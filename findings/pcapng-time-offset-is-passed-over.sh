#!/usr/bin/env bash
# Software: scapy 2.8.0 and python-pcapng 2.1.1, beside dpkt 1.9.8.
# Expected: if_tsoffset (option 14 of an interface) is "the offset in seconds that must be added to the timestamp of each packet"
#   (draft-ietf-opsawg-pcapng, Interface Description Block); Wireshark adds it.
# Seen: a packet 5 s after the offset 1700000000 is in January 1970 to scapy and python-pcapng; dpkt has 1700000005.
# Why: neither reads the option where it makes a time; python-pcapng even names it among its options, `if_tsoffset`.
# Hurts: whoever reads captures of devices that count from their start (and say so by this option): all packets are in 1970.
set -eu
. "$(dirname "$0")/lib/common.sh"

pypi scapy==2.8.0 python-pcapng==2.1.1 dpkt==1.9.8
PYTHONPATH=$(dirname "$0")/lib "$python" -W ignore - <<'PYTHON' && verdict 0 || verdict 1
import io
import struct

import dpkt
import pcapng
from capture import TIME, interface, packet, section
from scapy.all import PcapNgReader

data = section() + interface(tsresol=b"\x06", tsoffset=struct.pack("<q", TIME)) + packet(0, 5 * 10**6)
by_scapy = [float(read.time) for read in PcapNgReader(io.BytesIO(data))]
by_other = [block.timestamp for block in pcapng.FileScanner(io.BytesIO(data)) if hasattr(block, "packet_data")]
by_dpkt = [time for time, _ in dpkt.pcapng.Reader(io.BytesIO(data))]
print("packet at", TIME + 5, "- scapy:", by_scapy, "- python-pcapng:", by_other, "- dpkt:", by_dpkt)
raise SystemExit(not (by_dpkt == [TIME + 5] and by_scapy == by_other == [5]))
PYTHON
