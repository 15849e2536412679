#!/usr/bin/env bash
# Software: napalm 5.2.0, napalm.base.utils.string_parsers.colon_separated_string_to_dict.
# Expected: its docstring: "Converts a string in the format: Name: Et3 ... into a dictionary"; the name ends at the first colon, and
#   what is behind it is the value, as for the headers of RFC 5322.
# Seen: `Hardware Address: 02:00:00:00:00:01` has the value 020000000001, `Gateway: 2001:db8::11` has 2001db811, which no longer is an
#   address, and `Last Change: 10:05:07` has 100507.
# Why: the line is split at every separator, and what follows the first one is joined without any.
# Hurts: drivers and scripts that read show commands with it: 2001:db8::11 and 2001:db8:1::1 become one value.
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

pypi napalm==5.2.0
"$python" -W ignore - <<'PYTHON' && verdict 0 || verdict 1
from napalm.base.utils.string_parsers import colon_separated_string_to_dict

lines = {
    "Name": "Et3",
    "Hardware Address": "02:00:00:00:00:01",
    "Gateway": "2001:db8::11",
    "Second Gateway": "2001:db8:1::1",
    "Last Change": "10:05:07",
}
seen = colon_separated_string_to_dict("\n".join(f"{name}: {value}" for name, value in lines.items()))
for name, value in lines.items():
    print(f"{name}: {value} -> {seen[name]}")
same = seen["Gateway"] == seen["Second Gateway"] == "2001db811"
right = seen["Name"] == "Et3"
lost = seen["Hardware Address"] == "020000000001" and seen["Last Change"] == "100507"
raise SystemExit(not (same and right and lost))
PYTHON
