#!/usr/bin/env bash
# Software: softflowd 1.1.0 (Debian 12), NetFlow version 9 and IPFIX.
# Expected: RFC 5102, ipClassOfService (field 5): "For IPv6 packets, this is the value of the Traffic Class field";
#   protocolIdentifier (field 4) is the protocol of the payload, in IPv6 the one of the last extension header.
# Seen: UDP over IPv4 with the class 184 (Expedited Forwarding) is exported with 184, and the same over IPv6 with 0, in
#   a field 5 that the template of IPv6 has as well. For an IPv6 datagram in two fragments the first has protocol 17,
#   and the second is another flow with protocol 0, which is the hop-by-hop option; over IPv4 both have 17.
# Why: only the class of IPv4's header is read, and in a fragment other than the first the next header is not read.
# Hurts: accounting by class of service in networks with both: all of IPv6 is best effort.
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
# debian NAME[=VERSION]...: unpack Debian packages under $root and put them on the paths; nothing is installed.
debian() {
    mkdir -p "$tmp/debs" "$root"
    (cd "$tmp/debs" && apt-get download -qq "$@" >"$tmp/apt.log" 2>&1) || skip "apt-get download $*: $(tail -n 1 "$tmp/apt.log")"
    for package in "$tmp"/debs/*.deb; do
        dpkg -x "$package" "$root"
    done
    rm -r "$tmp/debs"
    export PATH="$root/usr/sbin:$root/usr/bin:$root/sbin:$root/bin:$PATH"
    export LD_LIBRARY_PATH="$root/usr/lib/$(uname -m)-linux-gnu:$root/lib/$(uname -m)-linux-gnu"
}
# verdict STATUS: the last line; STATUS is 0 where the behaviour is still as described.
verdict() {
    [ "$1" = 0 ] && echo "as described" || echo "CHANGED: the behaviour is no longer as described"
    exit "$1"
}

debian softflowd=1.1.0-1+b1 libpcap0.8 libdbus-1-3
cat >"$tmp/flows.py" <<'PYTHON'
"""Write a capture, have softflowd read it, and say what it exported: (family, class of service, protocol) of each flow."""

import ipaddress
import socket
import struct
import subprocess
import sys

CAPTURE = sys.argv[1]
V4 = [ipaddress.ip_address(f"192.0.2.{host}").packed for host in (1, 2)]
V6 = [ipaddress.ip_address(f"2001:db8::{host}").packed for host in (1, 2)]
UDP = struct.pack("!4H", 5000, 6000, 40, 0) + bytes(8)


def ipv4(service: int, identity: int, offset: int, payload: bytes) -> bytes:
    head = struct.pack("!BBHHHBBH", 0x45, service, 20 + len(payload), identity, offset, 64, 17, 0)
    return b"\x08\x00" + head + b"".join(V4) + payload


def ipv6(service: int, following: int, payload: bytes) -> bytes:
    return b"\x86\xdd" + struct.pack("!IHBB", 6 << 28 | service << 20, len(payload), following, 64) + b"".join(V6) + payload


frames = [
    ipv4(184, 1, 0, UDP),
    ipv6(184, 17, UDP),
    ipv4(0, 2, 0x2000, UDP),
    ipv4(0, 2, 2, bytes(24)),
    ipv6(0, 44, struct.pack("!BBHI", 17, 0, 1, 7) + UDP),
    ipv6(0, 44, struct.pack("!BBHI", 17, 0, 2 << 3, 7) + bytes(24)),
]
frames = frames[:2] if "class" in sys.argv else frames[2:]
with open(CAPTURE, "wb") as capture:
    capture.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for number, frame in enumerate(frames):
        frame = bytes.fromhex("020000000002020000000001") + frame
        capture.write(struct.pack("<4I", 1700000000 + number, 0, len(frame), len(frame)) + frame)


def exported(version: int) -> list[tuple[int, int, int]]:
    collector = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    collector.bind(("127.0.0.1", 0))
    collector.settimeout(2)
    target = f"127.0.0.1:{collector.getsockname()[1]}"
    command = ["softflowd", "-d", "-r", CAPTURE, "-n", target, "-v", str(version)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    templates, found = {}, []
    try:
        while True:
            message = collector.recv(65535)
            position = 20 if version == 9 else 16
            while position + 4 <= len(message):
                kind, length = struct.unpack_from("!HH", message, position)
                body, position = message[position + 4 : position + length], position + length
                while kind == (0 if version == 9 else 2) and len(body) >= 4:
                    name, count = struct.unpack_from("!HH", body)
                    templates[name] = [struct.unpack_from("!HH", body, 4 + 4 * number) for number in range(count)]
                    body = body[4 + 4 * count :]
                size = sum(width for _, width in templates.get(kind, []))
                while kind > 255 and 0 < size <= len(body):
                    record, start = {}, 0
                    for field, width in templates[kind]:
                        record[field], start = int.from_bytes(body[start : start + width], "big"), start + width
                    body = body[size:]
                    if 8 in record or 27 in record:
                        found.append((4 if 8 in record else 6, record[5], record[4]))
    except TimeoutError:
        return sorted(found)


print(exported(9), exported(10))
PYTHON
classes=$(python3 "$tmp/flows.py" "$tmp/capture" class)
fragments=$(python3 "$tmp/flows.py" "$tmp/capture" fragments)
printf 'flows as (version of IP, class of service, protocol), in NetFlow 9 and in IPFIX\n'
printf 'sent with class 184: %s\nsent in two fragments: %s\n' "$classes" "$fragments"

flows="[(4, 184, 17), (6, 0, 17)]"
[ "$classes" = "$flows $flows" ] || verdict 1
flows="[(4, 0, 17), (4, 0, 17), (6, 0, 0), (6, 0, 17)]"
[ "$fragments" = "$flows $flows" ] || verdict 1
verdict 0
