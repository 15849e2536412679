#!/usr/bin/env bash
# Software: WSME 0.13.0, with and without python-dateutil 4.0.0 beside it.
# Expected: parse_isodatetime(), which reads the datetime of a request, reads ISO 8601 and has "is not a legal datetime value" for
#   all else; so do its siblings parse_isodate() and parse_isotime(). Which packages are there beside it does not matter.
# Seen: 12:00, 2026 and 01/02/2026 are refused, until python-dateutil is installed, which WSME does not ask for: then 12:00 is noon of
#   today, 2026 is the day and month of today in 2026, and 01/02/2026 the second of January.
# Why: wsme/utils.py gives the text to dateutil.parser.parse() where it can be imported, which fills what is missing from the clock.
# Hurts: services with WSME, whose validation differs from machine to machine: a filter of a time that lacks its date is no error.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cat >"$dir/times.py" <<'EOF'
import sys

from wsme import utils


def legal(text):
    try:
        utils.parse_isodatetime(text)
    except ValueError:
        return False
    return True


texts = {text: legal(text) for text in ("2026-12-01T12:00:00", "12:00", "2026", "01/02/2026")}
print(sys.argv[1], texts)
if list(texts.values()) != [True] + 3 * [sys.argv[1] == "with"]:
    sys.exit("changed")
EOF
python3 -m venv "$dir/venv"
pip() { "$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check "$@" || exit 77; }
pip WSME==0.13.0
"$dir/venv/bin/python" -W ignore "$dir/times.py" without
pip python-dateutil==4.0.0
"$dir/venv/bin/python" -W ignore "$dir/times.py" with
