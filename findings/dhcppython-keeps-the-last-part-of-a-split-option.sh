#!/usr/bin/env bash
# Software: dhcppython 0.1.4 (DHCPPacket.from_bytes).
# Expected: RFC 3396, 7: the parts of an option that comes more than once are concatenated, as one option of all their octets. RFC
#   2132, 9.14, and RFC 4361, 6.1: a client identifier has a type and "one or more" octets; type 0 is for others than hardware
#   addresses, and 255 for an IAID and a DUID.
# Seen: two parts with the domain name servers 192.0.2.1 and 192.0.2.2 leave the second alone, in the packet's options
#   and in its bytes; a split search list leaves its last octet. A client identifier of type 255 or 0 is an error,
#   "unpack requires a buffer of 7 bytes", as soon as the options are asked for; that of a MAC address is read.
# Why: options are kept under their code, and a second one takes the place of the first; identifiers are taken for Ethernet's.
# Hurts: servers and tests made with it: systemd-networkd sends an identifier of type 255 where nothing else is configured
#   (ClientIdentifier=duid).
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

pypi dhcppython==0.1.4
"$python" -W ignore - <<'PYTHON' && verdict 0 || verdict 1
import struct

from dhcppython.packet import DHCPPacket

HEADER = bytes([1, 1, 6, 0]) + bytes(24) + bytes.fromhex("020000000001") + bytes(202) + bytes.fromhex("63825363")


def option(code: int, data: bytes) -> bytes:
    return bytes([code, len(data)]) + data


def read(*options: bytes) -> tuple[object, bool]:
    """The options that are read besides the message type and the end, or the error; and whether the packet is written as it was."""
    data = HEADER + option(53, b"\1") + b"".join(options) + b"\xff"
    packet = DHCPPacket.from_bytes(data)
    try:
        found = {name: value for name, value in packet.options.as_dict().items() if name not in ("dhcp_message_type", "end_option")}
    except struct.error as error:
        return str(error), packet.asbytes == data
    return found, packet.asbytes == data


seen = {
    "servers in one part": read(option(6, bytes([192, 0, 2, 1, 192, 0, 2, 2]))),
    "servers in two parts": read(option(6, bytes([192, 0, 2, 1])), option(6, bytes([192, 0, 2, 2]))),
    "search list in two parts": read(option(119, b"\3lab\7example"), option(119, b"\0")),
    "identifier of a MAC address": read(option(61, bytes.fromhex("01020000000001"))),
    "identifier of a DUID": read(option(61, b"\xff\0\0\0\1" + bytes.fromhex("00030001020000000001"))),
    "identifier of a text": read(option(61, b"\0vm")),
}
for name, (found, same) in seen.items():
    print(f"{name}: {found}; written as it was: {same}")
buffer = "unpack requires a buffer of 7 bytes"
expected = [
    ({"dns_servers": ["192.0.2.1", "192.0.2.2"]}, True),
    ({"dns_servers": ["192.0.2.2"]}, False),
    ({"DomainSearch_119": "0x00"}, False),
    ({"client_identifier": {"hwtype": 1, "hwaddr": "02:00:00:00:00:01"}}, True),
    (buffer, True),
    (buffer, True),
]
raise SystemExit(list(seen.values()) != expected)
PYTHON
