#!/usr/bin/env bash
# Software: x690 1.0.0.post1 (the BER library of puresnmp 2.0.1).
# Expected: X.690, 8.19.4: the first two numbers of an object identifier are written as one, 40 times the first plus the second,
#   in as many octets as it needs; below 2 the second may be of any size (the examples of X.680 are 2.999; 2.49 is the World
#   Meteorological Organization's). No identifier begins with 3.
# Seen: 2.40.3 is written right and read again as 3.0.3, without an error. 2.49.3 and 2.100.3 are read as 3.9.3 and 4.20.3, and
#   their octets are wrong too: 81 03 and b4 03 are 2.51 and 2.6579 to any other reader. 2.999.3 is refused.
# Why: x690 divides the first octet by 40, whatever comes out, and writes the pair as one octet.
# Hurts: whoever reads tables of vendors below 2: a column or a sysObjectID of another organization, or of none.
set -eu
. "$(dirname "$0")/lib/common.sh"

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
