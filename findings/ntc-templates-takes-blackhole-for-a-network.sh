#!/usr/bin/env bash
# Software: ntc-templates 9.3.0, linux / ip route show.
# Expected: ip-route(8): a route may begin with its type: unicast, unreachable, blackhole, prohibit, throw. ntc-templates' data model
#   puts the prefix in `network`, and its templates raise an error for a line that they do not know ("^. -> Error").
# Seen: `blackhole 10.9.0.0/16`, as iproute2 prints it, is the network "blackhole", and the prefix is its `reachability`; so are
#   prohibit and throw. `unreachable` is left out. And one `blackhole 10.9.0.0/26 proto bird`, which routing daemons put in for the
#   block of each node, or a route of several nexthops, makes the whole table an error.
# Why: only the types unreachable, broadcast and local are known; on every other line the first word is the network, and
#   the last word the reachability.
# Hurts: inventories of hosts that route: discarded prefixes are missing, and a network "blackhole" is there.
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

pypi ntc-templates==9.3.0
"$python" -W ignore - <<'PYTHON' && verdict 0 || verdict 1
from ntc_templates.parse import parse_output

first = "default via 10.0.0.1 dev eth0 \n"
lines = ("10.9.0.0/16 via 10.0.0.9 dev eth0 ", "blackhole 10.9.0.0/16 ", "prohibit 10.9.0.0/16 ", "blackhole 10.9.0.0/26 proto bird ")
seen = {}
for line in lines:
    try:
        routes = parse_output(platform="linux", command="ip route show", data=first + line + "\n")
        seen[line] = [(route["network"], route["reachability"]) for route in routes[1:]]
    except Exception as error:
        seen[line] = type(error).__name__
for line, routes in seen.items():
    print(line, "->", routes)
raise SystemExit(
    list(seen.values())
    != [[("10.9.0.0/16", "")], [("blackhole", "10.9.0.0/16")], [("prohibit", "10.9.0.0/16")], "TextFSMError"]
)
PYTHON
