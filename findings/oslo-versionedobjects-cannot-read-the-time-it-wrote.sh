#!/usr/bin/env bash
# oslo.versionedobjects 3.12.0: a DateTimeField takes a time with an offset, sends it, and cannot read what it sent.
#
# Expected: the same moment. The field's coerce() takes any ISO 8601 time or datetime, and FieldType.to_primitive is
#   documented as what from_primitive() reads.
# Seen: the primitive is "2026-02-03T04:05:06UTC+02:00", which is no ISO 8601 time; obj_from_primitive raises
#   ValueError: Unable to parse date string. With the zone Europe/Berlin "Z" is appended: the moment is off by the
#   zone's offset, without an error.
# Why: oslo_versionedobjects._utils.isotime appends tzinfo.tzname(None): "UTC+02:00" for a fixed offset, None for a
#   region (whose name depends on the date), and None is written as Z.
# Hurts: services that put a client's time (expires_at, trigger times) in an object: the other end fails, or is wrong.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check \
    oslo.versionedobjects==3.12.0 oslo.utils==10.2.0 tzdata==2026.6
"$dir/venv/bin/python" - 2>"$dir/errors" <<'EOF' || { cat "$dir/errors"; exit 1; }
import datetime, sys, zoneinfo
from oslo_versionedobjects import base, fields

@base.VersionedObjectRegistry.register
class Trigger(base.VersionedObject):
    fields = {"at": fields.DateTimeField()}

def there_and_back(at):
    primitive = Trigger(at=at).obj_to_primitive()
    text = primitive["versioned_object.data"]["at"]
    try:
        return text, Trigger.obj_from_primitive(primitive).at
    except ValueError as error:
        return text, f"ValueError: {error}"

offset = datetime.datetime.fromisoformat("2026-02-03T04:05:06+02:00")
region = datetime.datetime(2026, 2, 3, 4, 5, 6, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))
results = [there_and_back(at) for at in (offset, region)]
for at, (text, after) in zip((offset, region), results):
    print(f"{at} is sent as {text}, read as: {after}")
if not str(results[0][1]).startswith("ValueError") or results[1][1] == region:
    sys.exit("changed")
EOF
