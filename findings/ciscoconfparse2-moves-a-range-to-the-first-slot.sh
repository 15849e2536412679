#!/usr/bin/env bash
# Software: ciscoconfparse2 0.9.18, CiscoRange.
# Expected: its docstring: "Explode Cisco ranges into a list of explicit items". What IOS and NX-OS take behind
#   `interface range` (or `interface`) is a list of ranges, each with its own slot, such as `Eth1/1-3,Eth2/5`; what it
#   cannot parse raises InvalidCiscoRange.
# Seen: Eth1/1-3,Eth2/5 is Eth1/1, Eth1/2, Eth1/3 and Eth1/5; of Eth1/1,Eth2/1,Eth3/1 and of Po1,Eth1/1 the first one is
#   left. Strings and interfaces have the same mistake, and as_compressed_str() writes it. With one slot for all the
#   result is right.
# Why: every part of the list is a copy of the first interface, in which its last number alone is replaced; equal ones are then
#   dropped.
# Hurts: anyone who unfolds ranges for an audit or a change: Eth2/5 is not touched, and Eth1/5, which nobody named, is.
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

pypi ciscoconfparse2==0.9.18
export LC_ALL=C.UTF-8
"$python" -W ignore - 2>"$tmp/log" <<'PYTHON' && verdict 0 || verdict 1
from ciscoconfparse2.ccp_util import CiscoRange

seen = {}
for text in ("Eth1/1-3,Eth1/5", "Eth1/1-3,Eth2/5", "Eth1/1,Eth2/1,Eth3/1", "Po1,Eth1/1"):
    whole = CiscoRange(text)
    seen[text] = [str(interface) for interface in whole.as_list()]
    interfaces = [str(interface) for interface in CiscoRange(text, result_type=None).as_list()]
    print(f"{text}: {seen[text]}, compressed {whole.as_compressed_str()}; as interfaces {interfaces == seen[text] and 'the same'}")
four = ["Eth1/1", "Eth1/2", "Eth1/3", "Eth1/5"]
raise SystemExit(list(seen.values()) != [four, four, ["Eth1/1"], ["Po1"]])
PYTHON
