#!/usr/bin/env bash
# Software: netutils 1.19.2, uptime_string_to_seconds beside uptime_seconds_to_string.
# Expected: the two are each other's reverse: "Converts uptime in seconds to uptime in string format", of which the documentation's
#   example is 7250, '2 hours, 50 seconds', and back. What cannot be read is a ValueError.
# Seen: '2 hours, 50 seconds' cannot be read, nor '1 day' (86400 seconds); '5 minutes, 20 seconds', which is 320, is read as 300, and
#   '2 days, 1 minute, 5 seconds' loses its 5 seconds, too, without an error.
# Why: the pattern for words ends in minutes, which have to be there, and knows no seconds; what stands behind the match is not
#   looked at.
# Hurts: anyone who stores uptimes as text and compares them: devices whose uptime is whole hours or days are an error.
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

pypi netutils==1.19.2
"$python" - <<'PYTHON' && verdict 0 || verdict 1
from netutils.time import uptime_seconds_to_string, uptime_string_to_seconds

seen = {}
for seconds in (120, 320, 7250, 86400, 172865):
    text = uptime_seconds_to_string(seconds)
    try:
        seen[seconds] = uptime_string_to_seconds(text)
    except ValueError as error:
        seen[seconds] = f"ValueError: {error}"
    print(f"{seconds} is written '{text}' and read as {seen[seconds]}")
refused = all(str(seen[seconds]).startswith("ValueError") for seconds in (7250, 86400))
raise SystemExit(not (refused and seen[120] == 120 and seen[320] == 300 and seen[172865] == 172860))
PYTHON
