#!/usr/bin/env bash
# Software: pysnmp 7.1.30, an integer with the DISPLAY-HINT "d-2".
# Expected: RFC 2579, 3.1: "d-2" puts the decimal point before the last two digits: the integer 29 is shown as 0.29, and 0.29 given
#   for a SET is the integer 29.
# Seen: 29 is shown as 0.29; given as text 0.29 is the integer 28, 1.15 is 114, 8.2 is 819. Of the thousand values from 0.00 to 9.99,
#   69 are one less than what was written, and so shown again as 0.28, 1.14, 8.19. With "d-1" none up to 99.9 is wrong.
# Why: the text becomes a floating-point number, is multiplied by a hundred and cut off: 0.29 * 100 is 28.999999999999996.
# Hurts: anyone who sets thresholds and voltages of a device by what is shown; each time that a value is read and
#   written back it loses one.
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
from pysnmp.proto.rfc1902 import Integer32
from pysnmp.smi.builder import MibBuilder
from pysnmp.smi.rfc1902 import ObjectIdentity, ObjectType
from pysnmp.smi.view import MibViewController

builder = MibBuilder()
view = MibViewController(builder)
(TextualConvention,) = builder.import_symbols("SNMPv2-TC", "TextualConvention")
(MibScalar,) = builder.import_symbols("SNMPv2-SMI", "MibScalar")

# what a compiler of MIB modules writes for a TEXTUAL-CONVENTION and for an OBJECT-TYPE of it
hundredths = type("Hundredths", (TextualConvention, Integer32), {"displayHint": "d-2", "status": "current"})
tenths = type("Tenths", (TextualConvention, Integer32), {"displayHint": "d-1", "status": "current"})
identifiers = {"d-2": (1, 3, 6, 1, 4, 1, 99999, 2), "d-1": (1, 3, 6, 1, 4, 1, 99999, 1)}
symbols = {
    "hundredths": MibScalar(identifiers["d-2"], hundredths()).setMaxAccess("read-write"),
    "tenths": MibScalar(identifiers["d-1"], tenths()).setMaxAccess("read-write"),
}
builder.export_symbols("EXAMPLE-MIB", **symbols)

def resolved(hint, value):
    """The value of the variable binding that a manager makes of this, or gets."""
    return ObjectType(ObjectIdentity(identifiers[hint] + (0,)), value).resolve_with_mib(view)[1]

print("29 received is shown as", resolved("d-2", Integer32(29)).prettyPrint())
seen = {}
for text in ("0.29", "1.15", "8.2", "12.34"):
    seen[text] = int(resolved("d-2", text))
    print(f"{text} to be sent is {seen[text]}, shown as {resolved('d-2', text).prettyPrint()}")
wrong = {hint: 0 for hint in identifiers}
for number in range(1000):
    wrong["d-2"] += int(resolved("d-2", f"{number // 100}.{number % 100:02}")) != number
    wrong["d-1"] += int(resolved("d-1", f"{number // 10}.{number % 10}")) != number
print("wrong ones of a thousand:", wrong)
right = resolved("d-2", Integer32(29)).prettyPrint() == "0.29"
raise SystemExit(not (right and seen == {"0.29": 28, "1.15": 114, "8.2": 819, "12.34": 1234} and wrong == {"d-2": 69, "d-1": 0}))
PYTHON
