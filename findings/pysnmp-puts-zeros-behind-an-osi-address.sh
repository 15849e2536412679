#!/usr/bin/env bash
# Software: pysnmp 7.1.30, its own SNMPv2-TM, SnmpOSIAddress; DISPLAY-HINT "*1x:/1x:".
# Expected: RFC 2579, 3.1: the repeat terminator comes once, when the repetitions are over, and the separator between
#   them; the last octet-format specification applies again to the octets that remain. RFC 3417 describes the value: the
#   length of the NSAP, the NSAP, the selector. 03 490001 0102 is so shown as 49:00:01/01:02.
# Seen: 49/00/01/01:0000: the separators of the NSAP are slashes, the last octet of the selector is gone, and two zeros that are not
#   in the value stand in its place; were it 0xff, there would be 255.
# Why: the terminator is written after each repetition and the separator left away; after the last specification the
#   hint starts again, so that an octet of the selector is read as a count of octets that are not there.
# Hurts: managers of what speaks CLNS, and all conventions of more than one specification, such as "1d:1x-".
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

pypi pysnmp==7.1.30 pyasn1==0.6.5
"$python" -W ignore - <<'PYTHON' && verdict 0 || verdict 1
from pysnmp.proto.rfc1902 import OctetString
from pysnmp.smi.builder import MibBuilder

builder = MibBuilder()
(TextualConvention,) = builder.import_symbols("SNMPv2-TC", "TextualConvention")
address, network = builder.import_symbols("SNMPv2-TM", "SnmpOSIAddress", "SnmpUDPAddress")
two = type("Two", (TextualConvention, OctetString), {"displayHint": "1d:1x-", "status": "current"})

cases = {
    "SnmpUDPAddress": (network, "0a00000100a1", "10.0.0.1/161"),
    "SnmpOSIAddress": (address, "034900010102", "49:00:01/01:02"),
    "1d:1x-": (two, "0a0b0c0d", "10:0b-0c-0d"),
}
seen = {}
for name, (convention, octets, right) in cases.items():
    seen[name] = convention(hexValue=octets).prettyPrint()
    print(f"{name} of {octets}, hint {convention.displayHint}: {seen[name]}; by RFC 2579 {right}")
raise SystemExit(list(seen.values()) != ["10.0.0.1/161", "49/00/01/01:0000", "10:0b-12:0d"])
PYTHON
