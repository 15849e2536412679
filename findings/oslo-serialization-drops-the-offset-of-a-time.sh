#!/usr/bin/env bash
# oslo.serialization 5.11.0: jsonutils writes a time with an offset without the offset, and does not convert it.
#
# Expected: 02:05:06 (the same moment in UTC), or 04:05:06+02:00: ISO 8601 and RFC 3339 know both. OpenStack reads a
#   time without an offset as UTC (oslo.utils timeutils.parse_isotime says so: default UTC).
# Seen: 2026-02-03T04:05:06+02:00 is written as "2026-02-03T04:05:06.000000"; read back it is two hours later.
#   The sibling msgpackutils writes the zone beside the time.
# Why: jsonutils.to_primitive formats with value.strftime("%Y-%m-%dT%H:%M:%S.%f") and never looks at tzinfo.
# Hurts: anyone who sends such a time in a notification, an RPC argument or a log: a deadline that is off by the offset,
#   and nothing in the text that would tell.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check oslo.serialization==5.11.0 oslo.utils==10.2.0
"$dir/venv/bin/python" - <<'EOF'
import sys
from oslo_serialization import jsonutils
from oslo_utils import timeutils

before = timeutils.parse_isotime("2026-02-03T04:05:06+02:00")
text = jsonutils.dumps(before)
after = timeutils.parse_isotime(jsonutils.loads(text))
print("before: ", before)
print("as JSON:", text)
print("after:  ", after, "off by", after - before)
if after == before:
    sys.exit("changed")
EOF
