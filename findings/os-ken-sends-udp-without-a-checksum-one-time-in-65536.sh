#!/usr/bin/env bash
# os-ken 4.2.2: a UDP datagram whose checksum comes out as zero is sent with zero, which says "no checksum".
#
# Expected: RFC 768: "If the computed checksum is zero, it is transmitted as all ones"; zero means that none was made.
#   RFC 8200, 8.1: over IPv6 that is a must, and receivers "must discard" packets whose UDP checksum is zero.
# Seen: the field is 0000 where 0xffff belongs, for IPv4 and IPv6.
# Why: os_ken.lib.packet.udp.udp.serialize writes packet_utils.checksum_ip's result as it is.
# Hurts: controllers that answer DHCPv6 or DNS with os-ken: one answer in 65536 is dropped by the receiver, always the
#   same one when it is repeated.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check os-ken==4.2.2
"$dir/venv/bin/python" -W ignore - 2>"$dir/errors" <<'EOF' || { cat "$dir/errors"; exit 1; }
import sys
from os_ken.lib.packet import ethernet, ipv4, ipv6, packet, udp

def checksum(port, six):
    datagram = packet.Packet()
    datagram.add_protocol(ethernet.ethernet(ethertype=0x86DD if six else 0x0800))
    datagram.add_protocol(ipv6.ipv6(src="fe80::1", dst="fe80::2", nxt=17) if six
                          else ipv4.ipv4(src="192.0.2.1", dst="192.0.2.2", proto=17))
    datagram.add_protocol(udp.udp(546, port))
    datagram.add_protocol(b"ab")
    datagram.serialize()
    start = 14 + (40 if six else 20) + 6
    return int.from_bytes(datagram.data[start:start + 2], "big")

for six in (False, True):
    port = checksum(0, six)  # the port that takes the sum to zero
    print(f"IPv{6 if six else 4}, port {port}: checksum on the wire {checksum(port, six):04x}, RFC 768: ffff")
    if checksum(port, six):
        sys.exit("changed")
EOF
