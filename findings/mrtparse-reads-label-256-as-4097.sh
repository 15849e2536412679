#!/usr/bin/env bash
# Software: mrtparse 2.2.0, beside scapy 2.8.0.
# Expected: RFC 8277, 2.2 (and RFC 3107, 3, before it): the label of a prefix has 20 bits, and the 4 bits behind it are reserved,
#   and the bottom of the stack. RFC 9072, 2: an OPEN whose parameters' length is 255 with a first type of 255 has lengths of two
#   octets.
# Seen: the VPN route 64500:7:10.1.2.0/24 with label 256 is read with label 4097; with the three reserved bits set, as
#   senders of RFC 3107 may, with 4111. The largest label, 1048575, is 16777201. An OPEN in the extended form is an
#   error, without any of its capabilities. scapy has the label right.
# Why: the three octets are taken for one number; extended lengths are not known.
# Hurts: analysis of MPLS VPNs by dumps of route collectors: labels match neither the forwarding tables nor each other.
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

pypi mrtparse==2.2.0 scapy==2.8.0
"$python" -W ignore - "$tmp/dump" <<'PYTHON' && verdict 0 || verdict 1
import logging
import struct
import sys

logging.getLogger("scapy").setLevel(logging.ERROR)
import mrtparse
from scapy.contrib.mpls import MPLS


def read(kind: int, body: bytes) -> tuple[object, dict]:
    """The error and the BGP message of a dump with this message of AS 64500 in it (RFC 6396, 4.4.3)."""
    message = b"\xff" * 16 + struct.pack("!HB", 19 + len(body), kind) + body
    peers = struct.pack("!IIHH", 64500, 64501, 0, 1) + bytes([192, 0, 2, 1, 192, 0, 2, 2])
    with open(sys.argv[1], "wb") as dump:
        dump.write(struct.pack("!IHHI", 1700000000, 16, 4, len(peers + message)) + peers + message)
    [entry] = mrtparse.Reader(sys.argv[1])
    return entry.err, entry.data.get("bgp_message", {})


def label(octets: int) -> tuple[object, int]:
    """The label in these three octets, by mrtparse and by scapy."""
    route = bytes([24 + 64 + 24]) + octets.to_bytes(3, "big") + struct.pack("!HHI", 0, 64500, 7) + bytes([10, 1, 2])
    value = struct.pack("!HBB", 1, 128, 12) + bytes(8) + bytes([192, 0, 2, 1]) + b"\0" + route
    attributes = struct.pack("!BBB", 0x80, 14, len(value)) + value
    _, message = read(2, struct.pack("!HH", 0, len(attributes)) + attributes)
    [found] = message["path_attributes"][0]["value"]["nlri"]
    return found["label"], MPLS(octets.to_bytes(3, "big") + b"\xff").label


labels = {}
for number, reserved in ((256, 0), (256, 7), (1048575, 0)):
    labels[number, reserved] = label(number << 4 | reserved << 1 | 1)
    print(f"label {number}, reserved bits {reserved} - mrtparse: {labels[number, reserved][0]} - scapy: {labels[number, reserved][1]}")

capability = bytes([65, 4]) + struct.pack("!I", 64500)
fixed = struct.pack("!BHHI", 4, 64500, 180, 0xC0000201)
plain = read(1, fixed + bytes([2 + len(capability), 2, len(capability)]) + capability)
extended = bytes([2]) + struct.pack("!H", len(capability)) + capability
error, message = read(1, fixed + bytes([255, 255]) + struct.pack("!H", len(extended)) + extended)
print(f"parameters of an OPEN: {len(plain[1]['optional_parameters'])} - in the extended form: error {error}, message: {message}")

expected = {(256, 0): ([4097], 256), (256, 7): ([4111], 256), (1048575, 0): ([16777201], 1048575)}
raise SystemExit(not (labels == expected and plain[0] is None and error is not None and not message))
PYTHON
