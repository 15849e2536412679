#!/usr/bin/env bash
# Software: netflow 0.12.2 (netflow.parse_packet), the Python library.
# Expected: RFC 7011, 7: a field whose template has the length 65535 is of variable length, and each record has its length in an
#   octet, or in three from 255 on; 6.2: a counter of 8 octets may be sent in fewer. The package is by its summary a "NetFlow v1,
#   v5, v9 and IPFIX tool suite".
# Seen: an address and an interface's name of variable length are a PaddingCalculationError, whatever the padding; a set
#   whose names are all empty has no record, without an error. A counter in 3 octets is an IPFIXTemplateError; in 4 and
#   in 8 it is read.
# Why: the size of a record is taken from the template, 65535 included; whole numbers are read in 1, 2, 4, 8 and 16 octets alone.
# Hurts: collectors for exporters that send names of interfaces and applications (YAF, nProbe, routers): the whole message is
#   lost, with the flows of other templates in it.
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

pypi netflow==0.12.2
"$python" - <<'PYTHON' && verdict 0 || verdict 1
import struct

import netflow

ADDRESS, NAME, OCTETS = 8, 82, 1  # sourceIPv4Address, interfaceName, octetDeltaCount
VARIABLE = 65535


def flows(template: list[tuple[int, int]], data: bytes) -> object:
    """The flows of a message with this template and one set of its data, or the error's name."""
    fields = b"".join(struct.pack("!HH", *field) for field in template)
    sets = [(2, struct.pack("!HH", 256, len(template)) + fields), (256, data)]
    body = b"".join(struct.pack("!HH", kind, len(content) + 4) + content for kind, content in sets)
    message = struct.pack("!HHIII", 10, 16 + len(body), 1700000000, 1, 1) + body
    try:
        return [flow.data for flow in netflow.parse_packet(message, {"netflow": {}, "ipfix": {}}).flows]
    except Exception as error:
        return type(error).__name__


address = bytes([192, 0, 2, 1])
seen = {
    "a name of 4 octets": flows([(ADDRESS, 4), (NAME, 4)], address + b"eth0"),
    "a name of variable length": flows([(ADDRESS, 4), (NAME, VARIABLE)], address + b"\x04eth0"),
    "its length in three octets": flows([(ADDRESS, 4), (NAME, VARIABLE)], address + b"\xff\x00\x04eth0"),
    "four records with an empty name": flows([(NAME, VARIABLE)], bytes(4)),
    "a counter in 8 octets": flows([(OCTETS, 8)], (70000).to_bytes(8, "big")),
    "a counter in 4 octets": flows([(OCTETS, 4)], (70000).to_bytes(4, "big")),
    "a counter in 3 octets": flows([(ADDRESS, 4), (OCTETS, 3)], address + (70000).to_bytes(3, "big")),
}
for name, result in seen.items():
    print(f"{name}: {result}")
counted = [{"octetDeltaCount": 70000}]
padding = "PaddingCalculationError"
raise SystemExit(list(seen.values())[1:] != [padding, padding, [], counted, counted, "IPFIXTemplateError"])
PYTHON
