#!/usr/bin/env bash
# Software: pyroute2 0.9.7 (IPRoute and NetNS).
# Expected: a keyword that rule() or route() does not know is refused. Users expect those of ip-rule(8) and ip-route(8),
#   `iif`, `prio` and `metric`, and `mask`, which addr() of the same class has.
# Seen: rule("add", iif="lo", prio=10) makes a rule for all interfaces, at another priority; route("add", metric=7) a route
#   without a metric; route("add", dst="10.9.0.0", mask=16) a route to one host, /32. There is no message, and the calls succeed.
# Why: the known words are `iifname`, `priority`, `priority` and `dst_len`; what is left over goes into the request as
#   attributes, and those of an unknown name are not encoded.
# Hurts: scripts that are ported from the ip command: a policy rule that should bind one interface binds them all.
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
ip -n "$namespace" link set lo up
ip netns exec "$namespace" "$python" -W ignore - <<'PYTHON'
from pyroute2 import IPRoute

with IPRoute() as ip:
    ip.rule("add", src="10.1.0.0/16", table=100, iif="lo", prio=10)
    ip.route("add", dst="10.8.0.0/16", oif=1, metric=7)
    ip.route("add", dst="10.9.0.0", mask=16, oif=1)
PYTHON
ip -n "$namespace" rule list | grep 'lookup 100' | tee "$tmp/rules"
ip -n "$namespace" route list table main | tee "$tmp/routes"

grep -q 'from 10.1.0.0/16 lookup 100' "$tmp/rules" && ! grep -q -e iif -e '^10:' "$tmp/rules" || verdict 1
grep -q '^10.8.0.0/16 ' "$tmp/routes" && ! grep -q metric "$tmp/routes" && grep -q '^10.9.0.0 ' "$tmp/routes" || verdict 1
verdict 0
