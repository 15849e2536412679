#!/usr/bin/env bash
# Software: oslo.utils 10.2.0, timeutils.marshall_now and unmarshall_time.
# Expected: their docstrings: marshall_now makes "an rpc-safe datetime", and "Timezone information is now serialized
#   instead of being stripped"; unmarshall_time has "support for timezone information". So the time comes out as it went in.
# Seen: 2026-07-01T12:00:00+02:00, read by timeutils' own parse_isotime, ends in ZoneInfoNotFoundError: "No time zone found with key
#   +02:00"; one with Python's timezone of two hours likewise, for "UTC+02:00". One in Europe/Berlin comes out without a zone: what
#   was 10:00 UTC is 12:00 for the rest of timeutils, which takes times without a zone for UTC.
# Why: the name of the zone is written, which is `+02:00` for an offset and nothing for a zone with summer time; it is
#   read as a key of the database of zones.
# Hurts: services that send times of users over RPC: the receiver fails, or is off by the offset.
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

pypi oslo.utils==10.2.0
"$python" -W ignore - <<'PYTHON' && verdict 0 || verdict 1
import datetime
import zoneinfo

from oslo_utils import timeutils

plain = datetime.datetime(2026, 7, 1, 12)
try:
    berlin = zoneinfo.ZoneInfo("Europe/Berlin")
except zoneinfo.ZoneInfoNotFoundError:
    raise SystemExit("no database of time zones")
times = {
    "UTC": timeutils.parse_isotime("2026-07-01T12:00:00Z"),
    "read by parse_isotime": timeutils.parse_isotime("2026-07-01T12:00:00+02:00"),
    "Python's timezone": plain.replace(tzinfo=datetime.timezone(datetime.timedelta(hours=2))),
    "Europe/Berlin": plain.replace(tzinfo=berlin),
}
seen = {}
for name, time in times.items():
    sent = timeutils.marshall_now(time)
    try:
        received = timeutils.unmarshall_time(sent)
        seen[name] = timeutils.delta_seconds(timeutils.normalize_time(time), timeutils.normalize_time(received))
    except zoneinfo.ZoneInfoNotFoundError as error:
        received = seen[name] = f"ZoneInfoNotFoundError: {error}"
    print(f"{name}: {time} with tzname {sent['tzname']} -> {received}")
print("off by", seen["Europe/Berlin"], "seconds")
failed = all("No time zone found" in str(seen[name]) for name in ("read by parse_isotime", "Python's timezone"))
raise SystemExit(not (failed and seen["UTC"] == 0 and seen["Europe/Berlin"] == 7200))
PYTHON
