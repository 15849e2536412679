#!/usr/bin/env bash
# Software: x690 1.0.0.post1 (the BER library of puresnmp 2.0.1).
# Expected: X.690, 8.19.4: the first two numbers of an object identifier are written as one, 40 times the first plus the second,
#   in as many octets as it needs; below 2 the second may be of any size (the examples of X.680 are 2.999; 2.49 is the World
#   Meteorological Organization's). No identifier begins with 3.
# Seen: 2.40.3 is written right and read again as 3.0.3, without an error. 2.49.3 and 2.100.3 are read as 3.9.3 and 4.20.3, and
#   their octets are wrong too: 81 03 and b4 03 are 2.51 and 2.6579 to any other reader. 2.999.3 is refused.
# Why: x690 divides the first octet by 40, whatever comes out, and writes the pair as one octet.
# Hurts: anyone who reads tables of vendors below 2: a column or a sysObjectID of another organization, or of none.
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

pypi x690==1.0.0.post1
"$python" -W ignore - <<'PYTHON' && verdict 0 || verdict 1
from x690 import decode
from x690.types import ObjectIdentifier

seen = {}
for text in ("1.3.6.1", "2.25.3", "2.40.3", "2.49.3", "2.100.3", "2.999.3"):
    try:
        octets = bytes(ObjectIdentifier(text))
    except ValueError as error:
        seen[text] = "refused"
        print(text, "refused:", error)
        continue
    seen[text] = str(decode(octets)[0].value)
    print(f"{text} written {octets.hex()}, read {seen[text]}")
same = {"1.3.6.1": "1.3.6.1", "2.25.3": "2.25.3"}
other = {"2.40.3": "3.0.3", "2.49.3": "3.9.3", "2.100.3": "4.20.3", "2.999.3": "refused"}
raise SystemExit(seen != same | other)
PYTHON
