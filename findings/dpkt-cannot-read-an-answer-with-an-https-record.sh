#!/usr/bin/env bash
# Software: dpkt 1.9.8 (dns, diameter), beside dnspython 2.7.0.
# Expected: RFC 3597, 3: "Name servers and resolvers MUST handle RRs of unknown type transparently", their data is "unstructured
#   binary data". RFC 6733, 4.1: AVPs of strings are padded to 32 bits, and the length of the AVP does not count the padding.
# Seen: a DNS answer with an address and an HTTPS record, or CAA, NAPTR, RRSIG, is an UnpackError: none of its records is there. A
#   Diameter message with an Origin-Host of 11 octets is NeedData, as the padding is taken for the next AVP.
# Why: RR.unpack_rdata raises for types it does not know, and that ends the message; AVPs are taken to follow each other without
#   gaps.
# Hurts: readers of captures: HTTPS records (RFC 9460) are asked for by browsers for each page, and signed answers have RRSIG in
#   them.
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

pypi dpkt==1.9.8 dnspython==2.7.0
"$python" -W ignore - <<'PYTHON' && verdict 0 || verdict 1
import struct

import dns.message
import dpkt


def read(reader: object, packet: bytes) -> object:
    try:
        return reader(packet)
    except dpkt.UnpackError as error:
        return f"{type(error).__name__}: {error}"


answers = {
    "A": "10.0.0.2",
    "HTTPS": "1 . alpn=h2",
    "CAA": '0 issue "ca.example.net"',
    "NAPTR": '100 10 "u" "E2U+sip" "!^.*$!sip:info@example.net!" .',
    "RRSIG": "A 13 2 60 20300101000000 20290101000000 1 example.org. AQID",
}
seen = {}
for kind, text in answers.items():
    lines = ["id 1", "opcode QUERY", "flags QR", ";QUESTION", "example.org. IN ANY", ";ANSWER", "example.org. 60 IN A 10.0.0.1"]
    packet = dns.message.from_text("\n".join([*lines, f"example.org. 60 IN {kind} {text}"]) + "\n").to_wire()
    result = read(dpkt.dns.DNS, packet)
    seen[kind] = result if isinstance(result, str) else len(result.an)
    print(f"records of an answer with A and {kind} - dpkt: {seen[kind]} - dnspython: {sum(map(len, dns.message.from_wire(packet).answer))}")

diameter = {}
for name in (b"twelve.octet", b"eleven.octs"):
    avp = struct.pack("!IB", 264, 0x40) + (8 + len(name)).to_bytes(3, "big") + name + bytes(-len(name) % 4)
    header = b"\x01" + (20 + len(avp)).to_bytes(3, "big") + b"\x80" + (257).to_bytes(3, "big") + bytes(12)
    result = read(dpkt.diameter.Diameter, header + avp)
    diameter[len(name)] = result if isinstance(result, str) else result.avps[0].data
    print(f"Origin-Host of {len(name)} octets: {diameter[len(name)]}")

same = seen["A"] == 2 and all(str(seen[kind]).endswith("is not supported") for kind in seen if kind != "A")
same &= diameter[12] == b"twelve.octet" and str(diameter[11]).startswith("NeedData")
raise SystemExit(not same)
PYTHON
