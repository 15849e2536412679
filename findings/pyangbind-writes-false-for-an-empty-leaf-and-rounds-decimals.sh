#!/usr/bin/env bash
# Software: pyangbind 0.8.7 with pyang 2.7.1, pybindJSON.dumps(mode="ietf"); beside yangson 1.7.9.
# Expected: RFC 7951, 6.9: an instance of type empty is [null], or it is not there. RFC 7950, 9.3.4: decimal64 with
#   fraction-digits 2 has at most two digits behind the point; a value with three is not of the type, and pyangbind
#   should raise ValueError, as for one outside of a range.
# Seen: a leaf of type empty that was set and is then set to False is written as `false`, and yangson refuses the document. 1.505 is
#   taken for a decimal64 of two digits and kept as 1.50, without an error, and 1.515 as 1.52: the rounding is to the even digit.
#   Where the leaf has a range as well, 1.505 is kept and written with its three digits.
# Why: type empty is a boolean of its own. The decimal is quantized, not checked, and with a range not even that.
# Hurts: anyone who switches a flag of a device off: the request is refused. Prices, rates and thresholds are changed on
#   the way.
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

pypi pyangbind==0.8.7 pyang==2.7.1 yangson==1.7.9
plugin=$("$python" -W ignore -c 'import os, pyangbind; print(os.path.join(os.path.dirname(pyangbind.__file__), "plugin"))')
cd "$tmp"
cat >t.yang <<'YANG'
module t {
  yang-version 1.1; namespace "urn:t"; prefix t; revision 2024-01-01;
  container c {
    leaf flag { type empty; }
    leaf rate { type decimal64 { fraction-digits 2; } }
    leaf limited { type decimal64 { fraction-digits 2; range "0..9"; } } }
}
YANG
"$tmp/venv/bin/pyang" --plugindir "$plugin" -f pybind -o binding.py t.yang 2>error || skip "pyang: $(tail -n 1 error)"
"$python" -W ignore - <<'PYTHON' && verdict 0 || verdict 1
import json

import binding
import pyangbind.lib.pybindJSON as pybind
from yangson import DataModel
from yangson.exceptions import YangsonException

module = {"name": "t", "revision": "2024-01-01", "namespace": "urn:t", "conformance-type": "implement"}
library = {"ietf-yang-library:modules-state": {"module-set-id": "x", "module": [module]}}
model = DataModel(json.dumps(library), ["."])

def written():
    """What pyangbind writes of the data, and whether yangson takes it."""
    document = json.loads(pybind.dumps(data, mode="ietf"))["t:c"]
    try:
        model.from_raw({"t:c": document}).validate()
        return document, "taken"
    except YangsonException as error:
        return document, type(error).__name__

data = binding.t()
data.c.flag = True
on = written()
data.c.flag = False
off = written()
print("flag set:", *on, "- and taken back:", *off)

data = binding.t()
rates = []
for value in ("1.505", "1.515"):
    data.c.rate = value
    rates.append(written()[0]["rate"])
print("1.505 and 1.515 with two digits:", *rates)
data = binding.t()
data.c.limited = "1.505"
limited = written()[0]
print("with a range:", limited)
try:
    data.c.limited = "10"
    outside = "taken"
except ValueError:
    outside = "ValueError"
print("10 of 0..9:", outside)
right = on == ({"flag": [None]}, "taken") and off[0] == {"flag": False} and off[1] != "taken"
right = right and limited == {"limited": "1.505"}
raise SystemExit(not (right and rates == ["1.50", "1.52"] and outside == "ValueError"))
PYTHON
