#!/usr/bin/env bash
# Software: yanglint (libyang) 2.1.30, beside yangson 1.7.9.
# Expected: a YANG pattern is a regular expression of XML Schema (RFC 7950, 9.4.5). Those have class subtraction, [a-z-[aeiou]],
#   and \i and \c for the characters of XML names (XSD-TYPES, appendix F).
# Seen: "bcd" is refused by [a-z-[aeiou]]+, though none of its letters is a vowel; and a module with \i\c* is refused as a whole:
#   `Regular expression "\i\c*" is not valid`. yangson takes both.
# Why: libyang hands the expression to PCRE2 with `^`, `$` and the blocks of \p{Is...} rewritten, and nothing else; to PCRE
#   [a-z-[aeiou] is a class, and the ] after it a letter.
# Hurts: vendors whose modules were written with another validator: valid data is refused, and the message blames the data.
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
# debian NAME[=VERSION]...: unpack Debian packages under $root and put them on the paths; nothing is installed.
debian() {
    mkdir -p "$tmp/debs" "$root"
    (cd "$tmp/debs" && apt-get download -qq "$@" >"$tmp/apt.log" 2>&1) || skip "apt-get download $*: $(tail -n 1 "$tmp/apt.log")"
    for package in "$tmp"/debs/*.deb; do
        dpkg -x "$package" "$root"
    done
    rm -r "$tmp/debs"
    export PATH="$root/usr/sbin:$root/usr/bin:$root/sbin:$root/bin:$PATH"
    export LD_LIBRARY_PATH="$root/usr/lib/$(uname -m)-linux-gnu:$root/lib/$(uname -m)-linux-gnu"
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

debian libyang2-tools=2.1.30-2 libyang2=2.1.30-2 libpcre2-8-0
pypi yangson==1.7.9
cd "$tmp"
module() {
    cat >"$1.yang" <<YANG
module $1 { yang-version 1.1; namespace "urn:$1"; prefix $1; revision 2024-01-01; leaf l { type string { pattern '$2'; } } }
YANG
    printf '{"%s:l": "%s"}' "$1" "$3" >"$1.json"
    yanglint -t config -f json "$1.yang" "$1.json" >/dev/null 2>"$1.error" && echo taken || echo refused
}
subtraction=$(module one '[a-z-[aeiou]]+' bcd)
name=$(module two '\i\c*' a-b)
echo "yanglint, bcd as [a-z-[aeiou]]+: $subtraction: $(head -n 1 one.error)"
echo "yanglint, a-b as \\i\\c*: $name: $(head -n 1 two.error)"
env -u LD_LIBRARY_PATH "$python" -W ignore - <<'PYTHON' || verdict 1
import json

from yangson import DataModel

for name, value in (("one", "bcd"), ("two", "a-b")):
    module = {"name": name, "revision": "2024-01-01", "namespace": f"urn:{name}", "conformance-type": "implement"}
    library = {"ietf-yang-library:modules-state": {"module-set-id": "x", "module": [module]}}
    model = DataModel(json.dumps(library), ["."])
    model.from_raw({f"{name}:l": value}).validate()
    print("yangson,", value, "taken")
PYTHON

[ "$subtraction $name" = "refused refused" ] && grep -q 'Unsatisfied pattern' one.error && grep -q 'is not valid' two.error || verdict 1
verdict 0
