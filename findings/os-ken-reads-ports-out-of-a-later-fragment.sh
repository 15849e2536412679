#!/usr/bin/env bash
# os-ken 4.2.2: of a later fragment of an IPv4 datagram, payload is parsed as a UDP or TCP header.
#
# Expected: RFC 791: only the fragment with offset zero has the header of the transport; RFC 1858 on filters: the ports
#   are in the first fragment alone. What is left of a later fragment is payload.
# Seen: the second fragment of a text becomes udp(src_port=26729, dst_port=29728): the letters "hi" and "t ". Eight
#   bytes of the payload are gone from what the application gets.
# Why: os_ken.lib.packet.ipv4.ipv4.parser returns get_packet_type(proto) without a look at the offset that it just read.
# Hurts: controllers that decide by pkt.get_protocol(udp.udp): large datagrams (DNS, SIP, NFS) match by accident, and
#   counters and mirrors show ports that no one used.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check os-ken==4.2.2
"$dir/venv/bin/python" -W ignore - 2>"$dir/errors" <<'EOF' || { cat "$dir/errors"; exit 1; }
import sys
from os_ken.lib.packet import ethernet, ipv4, packet, udp

fragment = packet.Packet()
fragment.add_protocol(ethernet.ethernet())
fragment.add_protocol(ipv4.ipv4(src="192.0.2.1", dst="192.0.2.2", proto=17, offset=185))
fragment.add_protocol(b"hit the middle of a long text")
fragment.serialize()
parsed = packet.Packet(bytes(fragment.data))
ip, ports = parsed.get_protocol(ipv4.ipv4), parsed.get_protocol(udp.udp)
print(f"offset {ip.offset * 8} bytes; after the IP header: {ports}, then {parsed.protocols[-1]!r}")
if ports is None:
    sys.exit("changed")
EOF
