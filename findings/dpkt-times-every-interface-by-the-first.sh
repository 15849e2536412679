#!/usr/bin/env bash
# Software: dpkt 1.9.8 (dpkt.pcapng.Reader), beside python-pcapng 2.1.1.
# Expected: in pcapng each interface has a resolution of its own (if_tsresol, draft-ietf-opsawg-pcapng, Interface Description
#   Block); dumpcap writes microseconds or nanoseconds, by what each device can do.
# Seen: of two packets of one second, on an interface with microseconds and one with nanoseconds, dpkt has the second at
#   1700000000000.0, in the year 55840. python-pcapng has both right.
# Why: the Reader reads the first interface's description alone, and takes its divisor for all packets.
# Hurts: whoever measures with captures of several interfaces (a bridge and its tap): delays come out wrong by a thousand.
set -eu
. "$(dirname "$0")/lib/common.sh"

pypi dpkt==1.9.8 python-pcapng==2.1.1
PYTHONPATH=$(dirname "$0")/lib "$python" - <<'PYTHON' && verdict 0 || verdict 1
import io

import dpkt
import pcapng
from capture import TIME, interface, packet, section

data = section() + interface() + interface(tsresol=b"\x09") + packet(0, TIME * 10**6) + packet(1, TIME * 10**9)
by_dpkt = [time for time, _ in dpkt.pcapng.Reader(io.BytesIO(data))]
by_other = [block.timestamp for block in pcapng.FileScanner(io.BytesIO(data)) if hasattr(block, "packet_data")]
print("both packets at", TIME, "- dpkt:", by_dpkt, "- python-pcapng:", by_other)
raise SystemExit(not (by_other == [TIME, TIME] and by_dpkt == [TIME, TIME * 1000]))
PYTHON
