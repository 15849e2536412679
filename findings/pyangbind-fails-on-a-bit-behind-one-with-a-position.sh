#!/usr/bin/env bash
# Software: pyangbind 0.8.7, beside pyang 2.7.1 whose plugin it is.
# Expected: RFC 7950, 9.7.4.2: "If a bit position is not specified, then one will be automatically assigned": "one greater than the
#   current highest bit position". `bit x; bit y { position 5; } bit z;` are 0, 5 and 6. pyang reads the module without a word.
# Seen: "TypeError: '>' not supported between instances of 'str' and 'int'" and no binding, for that order alone: it
#   works with all positions written, or with the written one last.
# Why: written positions are text, counted ones are numbers, and the maximum of both is computed.
# Hurts: models that leave a gap for later bits, as flags of protocols have them: no code can be made for the whole model.
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

pypi pyangbind==0.8.7 pyang==2.7.1
plugin=$("$python" -W ignore -c 'import os, pyangbind; print(os.path.join(os.path.dirname(pyangbind.__file__), "plugin"))')
# binding BITS: "made", or the last line of the error.
binding() {
    printf 'module t { yang-version 1.1; namespace "urn:t"; prefix t; leaf flags { type bits { %s } } }\n' "$1" >"$tmp/t.yang"
    "$tmp/venv/bin/pyang" "$tmp/t.yang" || echo "pyang refuses it"
    if "$tmp/venv/bin/pyang" --plugindir "$plugin" -f pybind -o "$tmp/t.py" "$tmp/t.yang" >/dev/null 2>"$tmp/error"; then
        echo made
    else
        tail -n 1 "$tmp/error"
    fi
}
between=$(binding 'bit x; bit y { position 5; } bit z;')
last=$(binding 'bit x; bit y { position 5; }')
all=$(binding 'bit x { position 0; } bit y { position 5; } bit z { position 6; }')
printf '%s\n' "x, y at 5, z: $between" "x, y at 5: $last" "all written: $all"
[ "$last $all" = "made made" ] && [ "$between" = "TypeError: '>' not supported between instances of 'str' and 'int'" ] || verdict 1
verdict 0
