#!/usr/bin/env bash
# Software: pyang 2.7.1 (--check-update-from).
# Expected: pyang(1): the option "checks that a new revision of a module follows the update rules given in RFC 6020 and RFC 7950".
#   RFC 7950, 11: a range, length or pattern "may expand the allowed value space", require-instance may be changed from true to
#   false, and max-elements may be removed or allow more; what is not listed there is not allowed.
# Seen: a length or a pattern that is added or narrowed, modifier invert-match, require-instance changed from false to
#   true, and another default of a choice or of a leaf-list all pass with status 0 and no message. The same change of a
#   range is reported. An update from max-elements 2 to unbounded, which is allowed, ends in a ValueError.
# Why: lengths, patterns and require-instance are not compared, nor defaults outside leaves; max-elements is taken for a number.
# Hurts: modules whose releases are gated by this check: data that was valid under the old revision is refused by servers of the
#   new one.
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

pypi pyang==2.7.1
"$python" - "$tmp/venv/bin/pyang" "$tmp" <<'PYTHON' && verdict 0 || verdict 1
import pathlib
import subprocess
import sys

PYANG, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])
HEAD = 'module m { yang-version 1.1; namespace "urn:m"; prefix m; organization "o"; contact "c"; description "d";\n'
OLD = 'revision 2025-01-01 { description "1"; }\n'
NEW = 'revision 2026-01-01 { description "2"; }\n'


def check(old: str, new: str) -> str:
    """What pyang says of the update: ok, or the last word of its complaint's kind."""
    files = []
    for date, revisions, body in (("2025-01-01", OLD, old), ("2026-01-01", NEW + OLD, new)):
        file = FOLDER / date / f"m@{date}.yang"
        file.parent.mkdir(exist_ok=True)
        file.write_text(HEAD + revisions + body + "\n}\n")
        files.append(str(file))
    done = subprocess.run([sys.executable, PYANG, "--check-update-from", *files], capture_output=True, text=True)
    said = (done.stdout + done.stderr).strip()
    if not said:
        return f"ok, status {done.returncode}"
    return "ValueError" if "ValueError" in said else "illegal" if "illegally" in said else said


def leaf(kind: str) -> str:
    return f"leaf a {{ type {kind} }}"


CHOICE = "choice c {{ default {}; leaf x {{ type string; }} leaf y {{ type string; }} }}"
REFERENCE = 'leaf x {{ type string; }} leaf a {{ type leafref {{ path "/m:x"; require-instance {}; }} }}'
updates = {
    "range narrowed": (leaf('int32 { range "1..10"; }'), leaf('int32 { range "1..5"; }'), "illegal"),
    "length narrowed": (leaf('string { length "1..10"; }'), leaf('string { length "1..5"; }'), "ok, status 0"),
    "length added": (leaf("binary;"), leaf('binary { length "4"; }'), "ok, status 0"),
    "pattern added": (leaf("string;"), leaf('string { pattern "a"; }'), "ok, status 0"),
    "pattern narrowed": (leaf('string { pattern "a+"; }'), leaf('string { pattern "a"; }'), "ok, status 0"),
    "pattern inverted": (leaf('string { pattern "a"; }'), leaf('string { pattern "a" { modifier invert-match; } }'), "ok, status 0"),
    "require-instance added": (REFERENCE.format("false"), REFERENCE.format("true"), "ok, status 0"),
    "choice's default changed": (CHOICE.format("x"), CHOICE.format("y"), "ok, status 0"),
    "leaf-list's default changed": (
        "leaf-list a { type string; default x; }",
        "leaf-list a { type string; default y; }",
        "ok, status 0",
    ),
    "max-elements unbounded": (
        "leaf-list a { type string; max-elements 2; }",
        "leaf-list a { type string; max-elements unbounded; }",
        "ValueError",
    ),
    "length expanded": (leaf('string { length "1..5"; }'), leaf('string { length "1..10"; }'), "ok, status 0"),
}
changed = False
for name, (old, new, expected) in updates.items():
    seen = check(old, new)
    print(f"{name}: {seen}")
    changed |= seen != expected
raise SystemExit(changed)
PYTHON
