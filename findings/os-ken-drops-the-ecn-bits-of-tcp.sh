#!/usr/bin/env bash
# Software: os-ken 4.2.2 (the OpenFlow library of Neutron's agents), os_ken.lib.packet.tcp.
# Expected: tcp.bits has the control bits; RFC 3168, 6.1 (and RFC 9293, 3.1) count ECE and CWR among them, eight in all. A SYN
#   that asks for ECN has both set.
#   The module has constants for both, TCP_ECE and TCP_CWR, made for has_flags().
# Seen: a SYN with ECE and CWR is read with bits 0x02, and has_flags(TCP_ECE) is false. Written again it lacks both bits
#   but keeps the old checksum, so that receivers drop it.
# Why: tcp.parser() masks by 0x3f, the six bits of RFC 793.
# Hurts: an application that lets TCP pass through packet-in and packet-out: with hosts that use ECN no connection is made.
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

pypi os-ken==4.2.2
"$python" -W ignore - <<'PYTHON' && verdict 0 || verdict 1
from os_ken.lib.packet import tcp

segment = bytes.fromhex("03e8" "07d0" "00000001" "00000000" "50" "c2" "2000" "1234" "0000")
parsed, _, _ = tcp.tcp.parser(segment)
written = parsed.serialize(bytearray(), None)
print(f"flags in the segment: {segment[13]:#04x} - read: {parsed.bits:#04x} - written: {written[13]:#04x}")
print(f"checksum in the segment: {segment[16:18].hex()} - written: {bytes(written[16:18]).hex()}")
print("has_flags(TCP_ECE):", parsed.has_flags(tcp.TCP_ECE))
raise SystemExit(not (not parsed.has_flags(tcp.TCP_ECE) and parsed.bits == 2 and written[13] == 2 and written[16:18] == segment[16:18]))
PYTHON
