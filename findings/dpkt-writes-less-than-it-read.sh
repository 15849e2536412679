#!/usr/bin/env bash
# Software: dpkt 1.9.8 (radius, tftp, ethernet), beside scapy 2.8.0.
# Expected: bytes(packet) is the packet that was read, as dpkt has it for most protocols; RADIUS' attributes (RFC 2865, 3), TFTP's
#   options (RFC 2347) and the length field of an IEEE 802.3 frame behind its VLAN tag are part of it.
# Seen: a RADIUS request is written as its 20 octets of header, whose length still says 31. A TFTP request loses blksize and its
#   value. In a tagged frame with a BPDU the length 38 is replaced by 0x8100, so that it is read as a second tag. scapy writes all
#   three as they were.
# Why: what unpack() took out of the data is not put back; in a tagged frame the type is set again from the payload, and
#   LLC has none.
# Hurts: programs that change an address in a capture and write it again: requests without user and password, and spanning tree
#   frames that nothing reads.
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

pypi dpkt==1.9.8 scapy==2.8.0
"$python" -W ignore - <<'PYTHON' && verdict 0 || verdict 1
import logging

logging.getLogger("scapy").setLevel(logging.ERROR)
import dpkt
from scapy.layers.l2 import Ether
from scapy.layers.radius import Radius
from scapy.layers.tftp import TFTP

attributes = bytes([1, 5]) + b"abc" + bytes([4, 6, 192, 0, 2, 1])
radius = bytes([1, 7, 0, 20 + len(attributes)]) + bytes(16) + attributes
tftp = b"\0\x01image\0octet\0blksize\x001428\0"
bpdu = bytes.fromhex("4242030000000000") + bytes(30)
frame = bytes.fromhex("0180c2000000" + "020000000001" + "81000005") + len(bpdu).to_bytes(2, "big") + bpdu

written = bytes(dpkt.radius.RADIUS(radius)), bytes(dpkt.tftp.TFTP(tftp)), bytes(dpkt.ethernet.Ethernet(frame))
by_scapy = bytes(Radius(radius)), bytes(TFTP(tftp)), bytes(Ether(frame))
print("RADIUS, octets:", len(radius), "- written:", len(written[0]), "- with the length", int.from_bytes(written[0][2:4], "big"))
print("TFTP:", tftp, "- written:", written[1])
print("tagged frame, behind the tag:", frame[16:20].hex(), "- written:", written[2][16:20].hex())
same = written[0] == radius[:20] and written[1] == b"\0\x01image\0octet\0"
same &= written[2] == frame[:16] + b"\x81\x00" + frame[18:]
print("scapy writes the three as they were:", by_scapy == (radius, tftp, frame))
raise SystemExit(not (same and by_scapy == (radius, tftp, frame)))
PYTHON
