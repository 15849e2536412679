#!/usr/bin/env bash
# Software: ttp 0.10.1, match variable function mac_eui; beside netaddr 1.3.0.
# Expected: TTP's documentation: mac_eui "will convert mac address string to EUI style". arp and ndp of the BSDs, and Solaris,
#   write the octets without leading zeros, 2:0:5e:0:0:1; netaddr reads them as 02:00:5e:00:00:01.
# Seen: 2:0:5e:0:0:1 becomes 20:5e:00:10:00:00, another address, and one that looks as good; 0:1:2:3:4:5 becomes 01:23:45:00:00:00. With
#   the zeros, and in the other notations, all is well.
# Why: the separators are taken away, the digits that are left are filled up with zeros at the end to twelve, and cut into pairs.
# Hurts: inventories that join neighbour tables by hardware address: the ports are not found, or a wrong one is.
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

pypi ttp==0.10.1 netaddr==1.3.0
cd "$tmp"
"$python" -W ignore - <<'PYTHON' && verdict 0 || verdict 1
import netaddr
from ttp import ttp

seen = {}
for text in ("02:00:5e:00:00:01", "0200.5e00.0001", "2:0:5e:0:0:1", "0:1:2:3:4:5"):
    parser = ttp(f"at {text} on em0\n", "at {{ mac | mac_eui }} on {{ interface }}", log_level="CRITICAL")
    parser.parse()
    seen[text] = parser.result()[0][0]["mac"]
    right = str(netaddr.EUI(text, dialect=netaddr.mac_unix_expanded))
    print(f"{text}: ttp {seen[text]}, netaddr {right}")
same = "02:00:5e:00:00:01"
raise SystemExit(list(seen.values()) != [same, same, "20:5e:00:10:00:00", "01:23:45:00:00:00"])
PYTHON
