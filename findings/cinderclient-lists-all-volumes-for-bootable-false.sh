#!/usr/bin/env bash
# Software: python-cinderclient 9.10.0.
# Expected: volumes.list(search_opts={"bootable": False}) lists the volumes that cannot be booted from: the API has the filter
#   bootable=false. A sort is "any of" three forms, says _format_sort_param(), one of which is
#   [('key1', 'dir1'), 'key2', ('key3', dir3')].
# Seen: the filter is not sent, so that all volumes are listed; as the text "false" it is. The list of pairs is an AttributeError:
#   'tuple' object has no attribute 'partition'; as "size:asc,id" it is sent.
# Why: _build_list_url() in base.py keeps the search options that are true, and build_query_param() drops None and '' once more;
#   _format_sort_param() treats every item as a string.
# Hurts: scripts that take the volumes found for those they asked for, to delete or to migrate them.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check python-cinderclient==9.10.0 || exit 77
"$dir/venv/bin/python" -W ignore - <<'PYTHON'
import sys

from cinderclient.v3 import client


def asked(**options):
    cinder = client.Client(session=None, endpoint_override="http://127.0.0.1/v3", api_version=None)
    urls = []
    cinder.client.get = lambda url, **kwargs: (urls.append(url), (None, {"volumes": []}))[1]
    try:
        cinder.volumes.list(**options)
    except AttributeError as error:
        return str(error)
    return urls[0]


seen = [
    asked(search_opts={"bootable": False, "status": "available"}),
    asked(search_opts={"bootable": "false", "status": "available"}),
    asked(sort=[("size", "asc"), "id"]),
    asked(sort="size:asc,id"),
]
print(*seen, sep="\n")
if seen != [
    "/volumes/detail?status=available",
    "/volumes/detail?bootable=false&status=available",
    "'tuple' object has no attribute 'partition'",
    "/volumes/detail?sort=size%3Aasc%2Cid",
]:
    sys.exit("changed")
PYTHON
