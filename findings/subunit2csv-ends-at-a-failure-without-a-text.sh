#!/usr/bin/env bash
# Software: python-subunit 1.4.6 (subunit2csv) with testtools 2.9.1.
# Expected: a row for each test. In version 2 of the protocol an event has a status, a file or both; a failure without a file is
#   whole, as it is in version 1 (`failure: test LABEL`, beside `failure: test LABEL DETAILS`). subunit-ls reads the same stream.
# Seen: a failure or an expected failure without an attachment ends the program in "AssertionError: Either err or details must be
#   provided"; its own row and those of all tests behind it are missing. A skip and an unexpected success without one get theirs.
# Why: testtools passes on the empty dictionary of details, and later treats it as none given.
# Hurts: streams of runners that attach no text to a failure, and of workers that died: the table ends at the failure.
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
# stream STATUS: a test of this status, and a passed one behind it.
stream() {
    "$python" -W ignore - "$1" <<'PYTHON'
import datetime
import sys

from subunit.v2 import StreamResultToBytes

stream = StreamResultToBytes(sys.stdout.buffer)
start = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
for second, (name, status) in enumerate((("first", sys.argv[1]), ("second", "success"))):
    for wanted in ("inprogress", status):
        stream.status(test_id=name, test_status=wanted, timestamp=start + datetime.timedelta(seconds=second))
PYTHON
}
for status in success skip uxsuccess fail xfail; do
    stream "$status" >"$tmp/stream"
    "$tmp/venv/bin/subunit2csv" <"$tmp/stream" >"$tmp/csv" 2>"$tmp/error" || :
    rows=$(tail -n +2 "$tmp/csv" | cut -d , -f 1 | tr '\r\n' '  ' | tr -s ' ')
    listed=$("$tmp/venv/bin/subunit-ls" <"$tmp/stream" | tr '\n' ' ')
    echo "$status - rows: $rows - subunit-ls: $listed - $(tail -n 1 "$tmp/error")"
    [ "$listed" = "first second " ] || verdict 1
    case $status:$rows in
        fail: | xfail:) grep -q 'Either err or details must be provided' "$tmp/error" || verdict 1 ;;
        fail:* | xfail:*) verdict 1 ;;
        *:"first second ") ;;
        *) verdict 1 ;;
    esac
done
verdict 0
