#!/usr/bin/env bash
# Software: dpkt 1.9.8 (dpkt.bgp), beside scapy 2.8.0.
# Expected: RFC 4271, 4.3: a segment of AS_PATH has a type, "the number of ASes", and as many ASes of two octets; between speakers
#   that agreed on it, of four (RFC 6793, 4.1). RFC 5492, 4: a Capabilities parameter "lists the capabilities", each with code,
#   length and value.
# Seen: the path 64500 64501 in two octets is the one AS 4227136501. 64500 64501 in four octets is an UnpackError that
#   ends the whole message, and an AGGREGATOR of eight octets has the address 251.244.192.0 instead of 192.0.2.1. In an
#   OPEN's parameter with route refresh and graceful restart the second capability becomes a parameter of type 64. scapy
#   has the paths as they were written.
# Why: a path is taken for four octets where it is six octets long, and for two everywhere else; a parameter is cut where its
#   first capability ends.
# Hurts: analysis of captured sessions: paths of two ASes become one unused AS, which looks like a hijack, and updates
#   of today's routers are not read.
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
import ipaddress
import logging
import struct

logging.getLogger("scapy").setLevel(logging.ERROR)
from dpkt import UnpackError, bgp
from scapy.contrib.bgp import BGPPAASPath


def message(kind: int, body: bytes) -> bytes:
    return b"\xff" * 16 + struct.pack("!HB", 19 + len(body), kind) + body


def update(code: int, value: bytes) -> bytes:
    attributes = struct.pack("!BBB", 0x40, code, len(value)) + value
    return message(2, struct.pack("!HH", 0, len(attributes)) + attributes + b"\x08\x0a")


def path(data: bytes) -> object:
    try:
        [attribute] = bgp.BGP(update(2, data)).update.attributes
        return [segment.path for segment in attribute.as_path.segments]
    except UnpackError as error:
        return type(error).__name__


two = struct.pack("!BBHH", 2, 2, 64500, 64501)
four = struct.pack("!BBII", 2, 2, 64500, 64501)
paths = path(two), path(four)
by_scapy = BGPPAASPath(two).segments[0].segment_value
print("64500 64501 in two octets, and in four:", *paths, "- scapy, of two octets:", by_scapy)

[attribute] = bgp.BGP(update(7, struct.pack("!I", 64500) + ipaddress.IPv4Address("192.0.2.1").packed)).update.attributes
address = str(ipaddress.IPv4Address(attribute.aggregator.ip))
print("aggregated by 192.0.2.1 of AS 64500, in four octets:", address)

capabilities = bytes([2, 0]) + bytes([64, 2, 0, 120])
parameter = bytes([2, len(capabilities)]) + capabilities
opened = message(1, struct.pack("!BHHIB", 4, 64500, 180, 0xC0000201, len(parameter)) + parameter)
kinds = [item.type for item in bgp.BGP(opened).open.parameters]
print("types of the parameters of an OPEN that has one, of type 2:", kinds)

same = paths == ([[4227136501]], "UnpackError") and address == "251.244.192.0" and kinds == [2, 64]
raise SystemExit(not (same and by_scapy == [64500, 64501]))
PYTHON
