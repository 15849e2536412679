#!/usr/bin/env bash
# Software: netaddr 1.3.0, IPSet.
# Expected: iscontiguous() "Returns True if the members of the set form a contiguous IP address range (with no gaps), False otherwise";
#   iprange() is the IPRange of such a set. issuperset() is "True if every IP address and subnet in other IP set is found within this
#   one", as issubset() is the other way round.
# Seen: the set of 224.0.0.1 to 255.255.255.255 is an IndexError for both, "result outside valid IP address boundary!"; so is each set
#   of several prefixes that has the highest address of its version, such as everything, 0.0.0.0/0 and ::/0. One address less is
#   right, and so is a single prefix. issubset() takes an IPNetwork for a set; issuperset() returns NotImplemented for one, which is
#   no error, and true in an if (with a DeprecationWarning, until Python 3.14 makes it a TypeError).
# Why: after each prefix, the last one too, the next address is computed; NotImplemented is an operator's answer, and this is a method.
# Hurts: programs that give ranges back as they were entered ("240.0.0.1-255.255.255.255"), and `if allowed.issuperset(network)`.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check netaddr==1.3.0
"$dir/venv/bin/python" -W ignore - <<'EOF'
import sys

from netaddr import IPNetwork, IPRange, IPSet


def contiguous(text, members):
    answers = []
    for method in ("iscontiguous", "iprange"):
        try:
            answers.append(str(getattr(members, method)()))
        except (IndexError, ValueError) as error:
            answers.append(type(error).__name__)
    print(f"{text}: iscontiguous {answers[0]}, iprange {answers[1]}")
    return answers


seen = [
    contiguous("224.0.0.1 to 255.255.255.254", IPSet(IPRange("224.0.0.1", "255.255.255.254"))),
    contiguous("224.0.0.1 to 255.255.255.255", IPSet(IPRange("224.0.0.1", "255.255.255.255"))),
    contiguous("224.0.0.0/3", IPSet(["224.0.0.0/3"])),
    contiguous("0.0.0.0/0 and ::/0", IPSet(["0.0.0.0/0", "::/0"])),
    contiguous("0.0.0.0/0 and 64:ff9b::/96", IPSet(["0.0.0.0/0", "64:ff9b::/96"])),
]
small, wide = IPSet(["10.0.0.0/24"]), IPNetwork("10.0.0.0/8")
subset, superset = small.issubset(wide), small.issuperset(wide)
print(f"10.0.0.0/24 beside the network 10.0.0.0/8: issubset {subset}, issuperset {superset}, bool() of that {bool(superset)}")
if (
    seen[0] != ["True", "224.0.0.1-255.255.255.254"]
    or seen[2] != ["True", "224.0.0.0-255.255.255.255"]
    or [seen[1], *seen[3:]] != [["IndexError"] * 2] * 3
    or (subset, superset, IPSet([wide]).issubset(small)) != (True, NotImplemented, False)
):
    sys.exit("changed")
EOF
