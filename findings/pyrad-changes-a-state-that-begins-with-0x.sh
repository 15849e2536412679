#!/usr/bin/env bash
# Software: pyrad 2.6.0 (packet and tools).
# Expected: RFC 2865, 5.24: State "MUST be sent unmodified from the client to the server"; 5.25: Class "SHOULD be sent unmodified
#   by the client to the accounting server". Both are octets that no one but the server understands. EncodeOctets' own doc string
#   has it that "binary values which happen to start with b"0x" (e.g. a CHAP-Password) are not modified".
# Seen: the challenge's State 0x51ab, six octets of text, is answered as two, 51 ab; the State `0x` as none. Class is
#   treated the same. A State of other octets, and `0x5` or `0xyz`, goes back as it came.
# Why: octets that are given as bytes and look like an even number of hex digits behind 0x are decoded when they are sent, and
#   those that were received are given as bytes.
# Hurts: clients that do a challenge (EAP, one-time passwords): a server that makes its State of text in hex does not find the
#   session again, or accounting is booked on another class.
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

pypi pyrad==2.6.0
cat >"$tmp/dictionary" <<'DICTIONARY'
ATTRIBUTE	User-Name	1	string
ATTRIBUTE	State	24	octets
ATTRIBUTE	Class	25	octets
DICTIONARY
"$python" - "$tmp/dictionary" <<'PYTHON' && verdict 0 || verdict 1
import sys

from pyrad import packet
from pyrad.dictionary import Dictionary

DICTIONARY = Dictionary(sys.argv[1])
CODES = {"State": 24, "Class": 25}


def returned(name: str, value: bytes) -> bytes:
    """The attribute as a client sends it that has read it from an answer with this value and gives it back."""
    attribute = bytes([CODES[name], 2 + len(value)]) + value
    answer = bytes([11, 1, 0, 20 + len(attribute)]) + bytes(16) + attribute
    received = packet.Packet(dict=DICTIONARY, secret=b"secret", packet=answer)[name][0]
    request = packet.AcctPacket(dict=DICTIONARY, secret=b"secret", id=2)
    request.AddAttribute(name, received)
    return request.RequestPacket()[22:]


changed = False
for name in CODES:
    for value, expected in ((b"0x51ab", b"\x51\xab"), (b"0x", b""), (b"0x5", b"0x5"), (b"0xyz", b"0xyz"), (b"\0\1", b"\0\1")):
        seen = returned(name, value)
        print(f"{name} {value} goes back as {seen}")
        changed |= seen != expected
raise SystemExit(changed)
PYTHON
