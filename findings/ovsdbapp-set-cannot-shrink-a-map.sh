#!/usr/bin/env bash
# Software: ovsdbapp 3.0.0 with ovs 4.0.0, beside ovn-nbctl 23.03.1.
# Expected: db_set() is, in its doc string, "set fields in a record", with columns and "their associated values"; it is modelled
#   on ovn-nbctl's `set`, which without a key sets "the entire map" (ovn-nbctl(8)).
# Seen: external_ids {a: 1, b: 2} set to {a: 3} is {a: 3, b: 2} by ovsdbapp, and {a: 3} by ovn-nbctl. Set to the empty
#   map it does not change, and the command reports success. Sets and single values are replaced by both.
# Why: DbSetCommand updates the present map with what it was given, for maps alone.
# Hurts: clients that write the wanted state: keys that were once set stay for ever (options, external_ids, other_config).
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
# debian NAME[=VERSION]...: unpack Debian packages under $root and put them on the paths; nothing is installed.
debian() {
    mkdir -p "$tmp/debs" "$root"
    (cd "$tmp/debs" && apt-get download -qq "$@" >"$tmp/apt.log" 2>&1) || skip "apt-get download $*: $(tail -n 1 "$tmp/apt.log")"
    for package in "$tmp"/debs/*.deb; do
        dpkg -x "$package" "$root"
    done
    rm -r "$tmp/debs"
    export PATH="$root/usr/sbin:$root/usr/bin:$root/sbin:$root/bin:$PATH"
    export LD_LIBRARY_PATH="$root/usr/lib/$(uname -m)-linux-gnu:$root/lib/$(uname -m)-linux-gnu"
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
ovn_unpack() {
    debian ovn-common=23.03.1-1~deb12u2 ovn-central=23.03.1-1~deb12u2 ovn-host=23.03.1-1~deb12u2 \
        openvswitch-common=3.1.0-2+deb12u1 openvswitch-switch=3.1.0-2+deb12u1 \
        libunbound8 libevent-2.1-7 libxdp1 libbpf1 libelf1 libnuma1 libcap-ng0 libnettle8 libhogweed6 libgmp10 libssl3 zlib1g
    export OVS_RUNDIR=$tmp OVS_LOGDIR=$tmp OVS_DBDIR=$tmp OVS_SYSCONFDIR=$tmp OVS_PKGDATADIR=$root/usr/share/openvswitch
    export OVN_RUNDIR=$tmp OVN_LOGDIR=$tmp OVN_DBDIR=$tmp OVN_SYSCONFDIR=$tmp OVN_PKGDATADIR=$root/usr/share/ovn
    export OVS_DB=unix:$tmp/conf.sock OVN_NB_DB=unix:$tmp/nb.sock OVN_SB_DB=unix:$tmp/sb.sock
}
# ovn_database NAME SCHEMA: serve an empty database at $tmp/NAME.sock.
ovn_database() {
    ovsdb-tool create "$tmp/$1.db" "$2"
    ovn_daemon "$1" ovsdb-server "$tmp/$1.db" --remote=punix:"$tmp/$1.sock" --unixctl="$tmp/$1.ctl"
}
# ovn_northbound: the northbound database alone, for ovn-nbctl and Python.
ovn_northbound() {
    ovn_unpack
    ovn_database nb "$OVN_PKGDATADIR/ovn-nb.ovsschema"
    ovn-nbctl init
}
ovn_daemon() {
    local name=$1
    shift
    "$@" --detach --no-chdir --pidfile="$tmp/$name.pid" --log-file="$tmp/$name.log" 2>"$tmp/$name.err" || {
        cat "$tmp/$name.err" >&2
        exit 1
    }
}

pypi ovsdbapp==3.0.0 ovs==4.0.0
ovn_northbound
for name in nbctl ovsdbapp; do
    ovn-nbctl ls-add "$name" -- set Logical_Switch "$name" external_ids='{a="1",b="2"}'
done

ovn-nbctl set Logical_Switch nbctl external_ids='{a="3"}'
by_nbctl=$(ovn-nbctl get Logical_Switch nbctl external_ids)
"$python" -W ignore - "$OVN_NB_DB" 2>/dev/null <<'PYTHON'
import sys

from ovsdbapp.backend.ovs_idl import connection
from ovsdbapp.schema.ovn_northbound import impl_idl

idl = connection.OvsdbIdl.from_server(sys.argv[1], "OVN_Northbound")
api = impl_idl.OvnNbApiIdlImpl(connection.Connection(idl, timeout=10))
for value in ({"a": "3"}, {}):
    api.db_set("Logical_Switch", "ovsdbapp", ("external_ids", value)).execute(check_error=True)
PYTHON
by_ovsdbapp=$(ovn-nbctl get Logical_Switch ovsdbapp external_ids)
printf 'set to {a="3"} by ovn-nbctl: %s\nset to {a="3"} and then to {} by ovsdbapp: %s\n' "$by_nbctl" "$by_ovsdbapp"

[ "$by_nbctl" = '{a="3"}' ] && [ "$by_ovsdbapp" = '{a="3", b="2"}' ] || verdict 1
verdict 0
