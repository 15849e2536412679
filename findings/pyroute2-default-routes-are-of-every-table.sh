#!/usr/bin/env bash
# Software: pyroute2 0.9.7 (IPRoute and NetNS).
# Expected: get_default_routes(family, table=...) gives the default routes of that table, of the main one where none is given;
#   get_routes(table=...) beside it gives those of the table alone.
# Seen: with default routes in tables main and 100 each call gives both, whatever table it names, even an empty one.
# Why: get_default_routes() makes a filter of `table` and then does not hand it to the request.
# Hurts: anyone who asks "what is this namespace's gateway": with policy routing (a metadata or VPN table) the first answer may be
#   of any table. Neutron's agents use pyroute2, and so do many network plugins.
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

pypi pyroute2==0.9.7
namespace=findings-$$
ip netns add "$namespace" 2>/dev/null || skip "network namespaces (iproute2 and root) are needed"
namespaces=$namespace
ip -n "$namespace" link add one type veth peer name two
ip -n "$namespace" link set one up
ip -n "$namespace" link set two up
ip -n "$namespace" address add 10.0.0.1/24 dev one
ip -n "$namespace" route add default via 10.0.0.2
ip -n "$namespace" route add default via 10.0.0.3 table 100
ip netns exec "$namespace" "$python" -W ignore - <<'PYTHON' && verdict 0 || verdict 1
import socket

from pyroute2 import IPRoute

with IPRoute() as ip:
    seen = {}
    for table in (254, 100, 200):
        default = [route.get_attr("RTA_GATEWAY") for route in ip.get_default_routes(socket.AF_INET, table=table)]
        routes = [route.get_attr("RTA_GATEWAY") for route in ip.get_routes(family=socket.AF_INET, table=table)]
        seen[table] = sorted(default)
        print(f"table {table}: get_default_routes {sorted(default)}, get_routes {[way for way in routes if way]}")
raise SystemExit(any(ways != ["10.0.0.2", "10.0.0.3"] for ways in seen.values()))
PYTHON
