#!/usr/bin/env bash
# Software: python-subunit 1.4.6, subunit-ls --times; beside subunit2csv.
# Expected: `--times` is "list the time each test took (requires a timestamped stream)": from `inprogress` to the end. An event that
#   brings a file has no status and does not begin the test again.
# Seen: a test of ten seconds with a traceback took 0.000: the file comes at the end, as subunit.run and stestr send it. subunit2csv
#   has the ten seconds. With --exists, a test that is only there to be listed ends the program in "'int' object has no attribute
#   'seconds'", and hides those behind it.
# Why: an event without a status is treated as `inprogress`; and a duration that is not known is the number 0.
# Hurts: anyone who looks for slow tests: the failed ones, which ran into their time-outs, are listed as the quickest.
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
"$python" -W ignore - "$tmp" <<'PYTHON'
import datetime
import sys
from pathlib import Path

from subunit.v2 import StreamResultToBytes

start = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
end = start + datetime.timedelta(seconds=10)
text = {"file_name": "traceback", "file_bytes": b"time-out", "mime_type": "text/plain", "eof": True}
with (Path(sys.argv[1]) / "timed").open("wb") as file:
    stream = StreamResultToBytes(file)
    for name, attached in (("plain", {}), ("attached", text)):
        stream.status(test_id=name, test_status="inprogress", timestamp=start)
        if attached:
            stream.status(test_id=name, timestamp=end, **attached)
        stream.status(test_id=name, test_status="success", timestamp=end)
with (Path(sys.argv[1]) / "existing").open("wb") as file:
    stream = StreamResultToBytes(file)
    stream.status(test_id="existing", test_status="exists", timestamp=start)
    stream.status(test_id="behind", test_status="success", timestamp=end)
PYTHON
listed=$("$tmp/venv/bin/subunit-ls" --times <"$tmp/timed" | paste -sd ';')
table=$("$tmp/venv/bin/subunit2csv" <"$tmp/timed" | tail -n +2 | tr -d '\r' | cut -d , -f 1,3,4 | paste -sd ';')
existing=$("$tmp/venv/bin/subunit-ls" --times --exists <"$tmp/existing" 2>"$tmp/error" | paste -sd ';' || :)
printf '%s\n' "subunit-ls --times: $listed" "subunit2csv: $table" "--exists: $existing $(tail -n 1 "$tmp/error")"
[ "$listed" = "plain 10.000;attached 0.000" ] && [ -z "$existing" ] || verdict 1
grep -q "'int' object has no attribute 'seconds'" "$tmp/error" || verdict 1
case $table in *"attached,2026-01-01 00:00:00+00:00,2026-01-01 00:00:10+00:00") ;; *) verdict 1 ;; esac
verdict 0
