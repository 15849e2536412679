#!/usr/bin/env bash
# Software: scapy 2.8.0 and python-pcapng 2.1.1, beside dpkt 1.9.8.
# Expected: if_tsoffset (option 14 of an interface) is "the offset in seconds that must be added to the timestamp of each packet"
#   (draft-ietf-opsawg-pcapng, Interface Description Block); Wireshark adds it.
# Seen: a packet 5 s after the offset 1700000000 is in January 1970 to scapy and python-pcapng; dpkt has 1700000005.
# Why: neither reads the option where it makes a time; python-pcapng even names it among its options, `if_tsoffset`.
# Hurts: anyone who reads captures of devices that count from their start (and say so by this option): all packets are in 1970.
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
cat >"$tmp/capture.py" <<'CAPTURE'
"""Blocks of a capture file, of draft-ietf-opsawg-pcapng, made by hand so that no library under test has a part in the input."""

import struct

FRAME = bytes.fromhex("ffffffffffff0200000000010806" + "0001080006040001" + "0200000000010a000001" + "0000000000000a000002")
TIME = 1_700_000_000  # seconds

def block(kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)

def section() -> bytes:
    return block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))

def interface(link: int = 1, **options: bytes) -> bytes:
    """An interface of this link type; options are tsresol=b"\\x09" (nanoseconds) and tsoffset (8 bytes of seconds)."""
    codes = {"tsresol": 9, "tsoffset": 14}
    written = b""
    for name, value in options.items():
        written += struct.pack("<HH", codes[name], len(value)) + value + bytes(-len(value) % 4)
    return block(1, struct.pack("<HHI", link, 0, 0) + written + bytes(4 if written else 0))

def packet(number: int, time: int) -> bytes:
    """FRAME as an Enhanced Packet Block of this interface, at this time in its units."""
    head = struct.pack("<5I", number, time >> 32, time & 0xFFFFFFFF, len(FRAME), len(FRAME))
    return block(6, head + FRAME)

def simple_packet() -> bytes:
    return block(3, struct.pack("<I", len(FRAME)) + FRAME)
CAPTURE

pypi scapy==2.8.0 python-pcapng==2.1.1 dpkt==1.9.8
PYTHONPATH=$tmp "$python" -W ignore - <<'PYTHON' && verdict 0 || verdict 1
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
