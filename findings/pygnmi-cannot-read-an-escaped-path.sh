#!/usr/bin/env bash
# Software: pygnmi 0.8.15, gnmi_path_generator and gnmi_path_degenerator.
# Expected: OpenConfig's "Representing gNMI Paths as Strings": in [key=value] "Only ] and \ characters must be escaped", each by a
#   backslash; its examples are /foo[name=\]], /foo[name=[] and /foo[name=[\\\]]. So a value may have an equals sign in it.
# Seen: the value of /foo[name=\]] is read as \ instead of ], that of /foo[name=[\\\]] as [\\\ instead of [\], without an error.
#   /foo[name=a\]b] and /foo[name=cn=admin] end in a ValueError about int() and about unpacking. Written back, ] has no backslash.
# Why: the keys are found by a regular expression up to the first ], split at every =, and replaced by numbers, which int() reads
#   again together with what is left behind the ].
# Hurts: anyone who subscribes to or sets a list entry whose key is a distinguished name, a regular expression or a description.
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

pypi pygnmi==0.8.15
"$python" -W ignore - <<'PYTHON' && verdict 0 || verdict 1
from pygnmi.create_gnmi_path import gnmi_path_degenerator, gnmi_path_generator
from pygnmi.spec.v080.gnmi_pb2 import Path

paths = {
    "/foo[name=eth0]": "eth0",
    "/foo[name=[]": "[",
    r"/foo[name=\]]": "]",
    r"/foo[name=[\\\]]": "[\\]",
    r"/foo[name=a\]b]": "a]b",
    "/foo[name=cn=admin]": "cn=admin",
}
seen = {}
for text, value in paths.items():
    written = Path()
    written.elem.add(name="foo", key={"name": value})
    back = "/" + gnmi_path_degenerator(written)
    try:
        read = gnmi_path_generator(text).elem[0].key["name"]
    except ValueError as error:
        read = f"ValueError: {error}"
    print(f"{text} means {value}, is read as {read} and written as {back}")
    seen[value] = (read, back == text)
right = seen["eth0"] == ("eth0", True) and seen["["] == ("[", True)
wrong = seen["]"] == ("\\", False) and seen["[\\]"] == ("[\\\\\\", False)
errors = all(seen[value][0].startswith("ValueError") for value in ("a]b", "cn=admin"))
raise SystemExit(not (right and wrong and errors))
PYTHON
