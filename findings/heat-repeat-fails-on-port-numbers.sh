#!/usr/bin/env bash
# Software: openstack-heat 27.0.1, the template functions repeat and list_join.
# Expected: repeat gives a list "where each element is a copy of <body> with any occurrences of <var> replaced with the corresponding
#   item of <list>", whatever the item is; list_join, which takes maps and lists (they become JSON), takes what is in them.
# Seen: rules for the ports [80, 443] are valid, and when they are made they are "TypeError: replace() argument 2 must be str, not
#   int"; for the strings "80" and "443" they are made. So are fixed_ips for a list of maps. list_join of [80, 443] is "Items to join must
#   be string, map or list not 80", where a map in the same place is taken. str_replace has no difficulty with the number 80.
# Why: repeat gives each item to str.replace() as it is; list_join turns maps and lists into text and nothing else.
# Hurts: templates that take ports as a parameter of type json, or write them as YAML does: `heat template-validate` says yes, and the
#   stack fails while it is created.
set -eu

tmp=$(mktemp -d)
export HOME=$tmp PYTHONDONTWRITEBYTECODE=1
stop() {
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

pypi tosca-parser==2.15.0 openstack-heat==27.0.1 setuptools==80.9.0
"$python" -W ignore - <<'PYTHON' 2>/dev/null || verdict 1
from heat.engine import function, template

hot = template.Template({"heat_template_version": "2018-08-31", "resources": {}})


def result(snippet):
    """What the functions in this snippet of a template make, after they were validated, or their error."""
    parsed = hot.parse(None, snippet)
    function.validate(parsed)
    try:
        return function.resolve(parsed)
    except (TypeError, ValueError) as error:
        return f"{type(error).__name__}: {error}"


rule = {"port_range_min": "%port%", "port_range_max": "%port%"}
subnets = [{"subnet": "a"}, {"subnet": "b"}]
rules = [{"port_range_min": port, "port_range_max": port} for port in ("80", "443")]
expected = [
    ({"repeat": {"for_each": {"%port%": ["80", "443"]}, "template": rule}}, rules),
    ({"repeat": {"for_each": {"%port%": [80, 443]}, "template": rule}}, "TypeError: replace() argument 2 must be str, not int"),
    ({"repeat": {"for_each": {"%ip%": subnets}, "template": "%ip%"}}, "TypeError: replace() argument 2 must be str, not dict"),
    ({"list_join": [",", ["80", {"a": 443}]]}, '80,{"a": 443}'),
    ({"list_join": [",", [80, 443]]}, "TypeError: Items to join must be string, map or list not 80"),
    ({"str_replace": {"template": "port $port", "params": {"$port": 80}}}, "port 80"),
]
results = [result(snippet) for snippet, _ in expected]
for (snippet, _), seen in zip(expected, results):
    print(snippet, seen, sep="\n    ")
raise SystemExit(results != [seen for _, seen in expected])
PYTHON
verdict 0
