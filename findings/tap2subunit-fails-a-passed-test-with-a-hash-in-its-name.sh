#!/usr/bin/env bash
# Software: python-subunit 1.4.6, tap2subunit.
# Expected: in TAP a `#` begins a directive where `todo` or `skip` follows it: the grammar of TAP 14 has `Directive := " # " ("todo" |
#   "skip") (" " Reason)?`; version 13 has the same two. Another one belongs to the description, as in "issue #5 is fixed"; TAP 14
#   writes it `\#` too. Perl's TAP::Parser reads both as passed. `1..0` is the plan of a script that skips all.
# Seen: `ok 2 - issue #5 is fixed` becomes "test 2", failed: "test missing from TAP output"; with `\#` as well, and the line itself
#   goes into the stream as text. A plan of 1..0 without a reason ends the program in AttributeError.
# Why: the pattern for a description stops before any `#`, and what is behind it must be one of the four spellings of a directive.
# Hurts: jobs that turn TAP into subunit, for tests in shell or Perl: those with the number of a bug in their name fail in each run.
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

pypi python-subunit==1.4.6 testtools==2.9.1 iso8601==2.1.0
export LC_ALL=C.UTF-8
# converted LINE...: what subunit's version 1 says of these lines of TAP.
converted() {
    printf '%s\n' "$@" | "$tmp/venv/bin/tap2subunit" 2>"$tmp/error" | "$tmp/venv/bin/subunit-2to1" 2>/dev/null |
        grep -E '^(successful|failure|skip)' | sed 's/ \[ multipart//' | tr '\n' ';'
}
plain=$(converted "1..2" "ok 1 - first" "ok 2 - issue 5 is fixed")
hash=$(converted "1..2" "ok 1 - first" "ok 2 - issue #5 is fixed")
escaped=$(converted "TAP version 14" "1..2" "ok 1 - first" 'ok 2 - issue \#5 is fixed')
printf '%s\n' "issue 5: $plain" "issue #5: $hash" "issue \\#5: $escaped"
converted "1..0" >/dev/null || :
echo "1..0: $(tail -n 1 "$tmp/error")"
[ "$plain" = "successful: test 1 - first;successful: test 2 - issue 5 is fixed;" ] || verdict 1
[ "$hash" = "successful: test 1 - first;failure: test 2;" ] && [ "$escaped" = "$hash" ] || verdict 1
grep -q "^AttributeError: 'NoneType' object has no attribute 'encode'" "$tmp/error" || verdict 1
verdict 0
