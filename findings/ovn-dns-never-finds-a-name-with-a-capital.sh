#!/usr/bin/env bash
# Software: OVN 23.03.1 (its own name server), the same in the sources of 26.03.
# Expected: names are compared without regard to case, wherever they come from (RFC 4343, 3); ovn-nb(5) asks for a "DNS query
#   name" as the key of a record, and ovn-nbctl takes `Upper.example` for one.
# Seen: the record Upper.example is found neither as upper.example nor as Upper.example, while VM.example finds vm.example. The
#   question goes on to the name server, which knows nothing of it.
# Why: ovn-controller makes the question lower case, because the records "are stored in lowercase"; but ovn-northd makes
#   the value lower case and leaves the key (sync_dns_entries, northd.c).
# Hurts: anyone who fills the DNS table by ovn-nbctl or an own client with the names people gave (Neutron makes them lower case).
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
# within SECONDS COMMAND...: repeat the command until it succeeds, or fail at the deadline.
within() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $deadline ] || return 1
        sleep 0.1
    done
}
# verdict STATUS: the last line; STATUS is 0 where the behaviour is still as described.
verdict() {
    [ "$1" = 0 ] && echo "as described" || echo "CHANGED: the behaviour is no longer as described"
    exit "$1"
}
ovn_unpack() {
    debian ovn-common=23.03.1-1~deb12u2 ovn-central=23.03.1-1~deb12u2 ovn-host=23.03.1-1~deb12u2 \
        openvswitch-common=3.1.0-2+deb12u1 openvswitch-switch=3.1.0-2+deb12u1 \
        libunbound8 libevent-2.1-7 libxdp1 libbpf1 libelf1 libnuma1 libcap-ng0 libnettle8 libhogweed6 libgmp10 libssl3 zlib1g
    export OVS_RUNDIR=$tmp OVS_LOGDIR=$tmp OVS_DBDIR=$tmp OVS_SYSCONFDIR=$tmp OVS_PKGDATADIR=$root/usr/share/openvswitch
    export OVN_RUNDIR=$tmp OVN_LOGDIR=$tmp OVN_DBDIR=$tmp OVN_SYSCONFDIR=$tmp OVN_PKGDATADIR=$root/usr/share/ovn
    export OVS_DB=unix:$tmp/conf.sock OVN_NB_DB=unix:$tmp/nb.sock OVN_SB_DB=unix:$tmp/sb.sock
}
# ovn_database NAME SCHEMA: serve an empty database at $tmp/NAME.sock.
ovn_database() {
    ovsdb-tool create "$tmp/$1.db" "$2"
    ovn_daemon "$1" ovsdb-server "$tmp/$1.db" --remote=punix:"$tmp/$1.sock" --unixctl="$tmp/$1.ctl"
}
# ovn_northbound: the northbound database alone, for ovn-nbctl and Python.
ovn_northbound() {
    ovn_unpack
    ovn_database nb "$OVN_PKGDATADIR/ovn-nb.ovsschema"
    ovn-nbctl init
}
# ovn_up ADDRESS...: all of it; the port `vm` has these addresses.
ovn_up() {
    ovn_northbound
    ovn_database sb "$OVN_PKGDATADIR/ovn-sb.ovsschema"
    ovn_database conf "$OVS_PKGDATADIR/vswitch.ovsschema"
    ovs-vsctl --db="$OVS_DB" --no-wait init
    ovn_daemon vswitchd "$root/usr/lib/openvswitch-switch/ovs-vswitchd" "$OVS_DB" --enable-dummy=system --disable-system --unixctl="$tmp/vswitchd.ctl"
    ovn_daemon northd ovn-northd --unixctl="$tmp/northd.ctl"
    ovn-sbctl init
    ovs-vsctl --db="$OVS_DB" set open . external_ids:system-id=one external_ids:ovn-remote="$OVN_SB_DB" \
        external_ids:ovn-encap-type=geneve external_ids:ovn-encap-ip=127.0.0.1 \
        -- add-br br-int -- set bridge br-int datapath_type=dummy fail-mode=secure \
        -- add-port br-int vif -- set interface vif type=dummy external_ids:iface-id=vm "options:tx_pcap=$tmp/vif.pcap"
    ovn_daemon controller ovn-controller "$OVS_DB"
    ovn-nbctl ls-add net -- lsp-add net vm -- lsp-set-addresses vm "02:00:00:00:00:01 $*"
}
ovn_daemon() {
    local name=$1
    shift
    "$@" --detach --no-chdir --pidfile="$tmp/$name.pid" --log-file="$tmp/$name.log" 2>"$tmp/$name.err" || {
        cat "$tmp/$name.err" >&2
        exit 1
    }
}
# ovn_ask v4|v6|dns MESSAGE OPTION...: the port `vm` sends this message (see frames.py); prints the answer, or "no answer" after three seconds.
ovn_ask() {
    local before answer
    before=$(stat -c %s "$tmp/vif.pcap")
    ovs-appctl -t "$tmp/vswitchd.ctl" netdev-dummy/receive vif "$(python3 "$frames" "$@")" >/dev/null
    within 3 ovn_received "$before" || {
        echo "no answer"
        return
    }
    answer=$(tail -c +$((before + 1 + 16)) "$tmp/vif.pcap" | od -An -v -tx1 | tr -d ' \n')
    python3 "$frames" show "$answer"
}
ovn_received() {
    [ "$(stat -c %s "$tmp/vif.pcap")" -gt "$1" ]
}
frames=$tmp/frames.py
cat >"$frames" <<'FRAMES'
"""Frames of a client, and what is in a server's: `frames.py v4 ...`, `frames.py v6 ...` (DHCP) and `frames.py dns ...` print
one as hexadecimal, `frames.py show HEX...` prints the destination, the message and the options of answers, one option a line.

An option of DHCP is CODE=HEX. Only the standard library is used, so that nothing but the server under test interprets its bytes.
"""

import ipaddress
import struct
import sys

CLIENT = bytes.fromhex("020000000001")

def checksum(data: bytes) -> int:
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF

def ipv4(source: str, target: str, ports: tuple[int, int], payload: bytes) -> bytes:
    udp = struct.pack("!4H", *ports, 8 + len(payload), 0) + payload
    addresses = ipaddress.ip_address(source).packed + ipaddress.ip_address(target).packed
    header = struct.pack("!2B3H2BH", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0) + addresses
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + udp

def v4(message: str, *options: str) -> bytes:
    """A DHCPv4 message (number as in option 53) from 0.0.0.0 to everyone, its broadcast flag not set."""
    payload = struct.pack("!4BIHH", 1, 1, 6, 0, 7, 0, 0) + bytes(16) + CLIENT + bytes(10 + 192) + b"\x63\x82\x53\x63"
    payload += bytes([53, 1, int(message)])
    for option in options:
        code, _, data = option.partition("=")
        payload += bytes([int(code), len(data) // 2]) + bytes.fromhex(data)
    payload += b"\xff"
    return b"\xff" * 6 + CLIENT + b"\x08\x00" + ipv4("0.0.0.0", "255.255.255.255", (68, 67), payload)

def dns(kind: str, name: str) -> bytes:
    """A question for this type (its number) and name, from 10.0.0.5 to 10.0.0.53."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    payload = struct.pack("!6H", 7, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!2H", int(kind), 1)
    return bytes.fromhex("020000000053") + CLIENT + b"\x08\x00" + ipv4("10.0.0.5", "10.0.0.53", (5353, 53), payload)

def v6(message: str, *options: str) -> bytes:
    """A DHCPv6 message (its number) from a link-local address to all servers, with a client identifier (DUID-LL)."""
    payload = bytes([int(message), 0, 0, 1]) + struct.pack("!4H", 1, 10, 3, 1) + CLIENT
    for option in options:
        code, _, data = option.partition("=")
        payload += struct.pack("!2H", int(code), len(data) // 2) + bytes.fromhex(data)
    source = ipaddress.ip_address("fe80::ff:fe00:1").packed
    servers = ipaddress.ip_address("ff02::1:2").packed
    udp = struct.pack("!4H", 546, 547, 8 + len(payload), 0) + payload
    pseudo = source + servers + struct.pack("!2I", len(udp), 17) + udp
    udp = udp[:6] + struct.pack("!H", checksum(pseudo + bytes(len(pseudo) % 2))) + udp[8:]
    header = struct.pack("!IHBB", 6 << 28, len(udp), 17, 1) + source + servers
    return bytes.fromhex("333300010002") + CLIENT + b"\x86\xdd" + header + udp

def show(frame: bytes) -> None:
    """Print an answer; of DNS the code and the answer section; an option that runs past the end of the message is shown as far as it goes."""
    if frame[12:14] == b"\x08\x00" and frame[34:36] == b"\x00\x35":
        message = frame[42:]
        end = message.index(b"\0", 12) + 5
        print(f"code {message[3] & 15} answers {int.from_bytes(message[6:8], 'big')}: {message[end:].hex()}")
        return
    if frame[12:14] == b"\x08\x00":
        payload, packing, offset = frame[14 + 20 + 8 :], "!BB", 240
        print(f"to {ipaddress.ip_address(frame[30:34])} for {ipaddress.ip_address(payload[16:20])}")
    else:
        payload, packing, offset = frame[14 + 40 + 8 :], "!HH", 4
        print(f"to {ipaddress.ip_address(frame[38:54])} message {payload[0]}")
    while offset < len(payload):
        if packing == "!BB" and payload[offset] == 0:
            offset += 1
            continue
        if packing == "!BB" and payload[offset] == 255:
            return
        code, length = struct.unpack_from(packing, payload, offset)
        offset += struct.calcsize(packing)
        print(f"option {code} length {length}: {payload[offset : offset + length].hex()}")
        offset += length

if sys.argv[1] == "show":
    for argument in sys.argv[2:]:
        show(bytes.fromhex(argument))
else:
    print({"v4": v4, "v6": v6, "dns": dns}[sys.argv[1]](*sys.argv[2:]).hex())
FRAMES

ovn_up 10.0.0.5
records=$(ovn-nbctl create DNS 'records={"vm.example"="10.0.0.9","Upper.example"="10.0.0.8"}')
ovn-nbctl add Logical_Switch net dns_records "$records"
ovn-nbctl --timeout=30 --wait=hv sync
lower=$(ovn_ask dns 1 VM.example)
upper=$(ovn_ask dns 1 Upper.example; ovn_ask dns 1 upper.example)
printf 'VM.example for vm.example: %s\nUpper.example and upper.example for Upper.example:\n%s\n' "$lower" "$upper"

case $lower in "code 0 answers 1: "*0a000009) ;; *) verdict 1 ;; esac
[ "$upper" = "no answer
no answer" ] || verdict 1
verdict 0
