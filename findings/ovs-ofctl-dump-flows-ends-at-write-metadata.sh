#!/usr/bin/env bash
# Software: Open vSwitch 3.1.0 (Debian 12), ovs-ofctl dump-flows.
# Expected: ovs-ofctl(8): dump-flows "prints to the console all flow entries in switch's tables", or fails, with another status than 0.
# Seen: a flow with `actions=write_metadata:5,goto_table:3`, which OpenFlow 1.1 has and -O OpenFlow13 adds, ends the list: the flows
#   behind it are not printed, but "***decode error: OFPBAC_UNSUPPORTED_ORDER***" and a dump in hex are, and the status is 0. Of three
#   flows dump-aggregate counts three. A flow with encap(nsh) does the same, as OFPBAC_BAD_VENDOR_TYPE. With -O OpenFlow13 all are printed.
# Why: without -O it asks in OpenFlow 1.0; the switch answers with goto_table as a resubmit behind write_metadata, and with the action
#   encap, and neither is allowed there when it is read.
# Hurts: scripts that count or compare flows, and whoever looks for a flow that "is not there", on a switch that a controller
#   of OpenFlow 1.3 has filled.
set -eu

tmp=$(mktemp -d)
root=$tmp/root
export HOME=$tmp PYTHONDONTWRITEBYTECODE=1
stop() {
    for file in "$tmp"/*.pid; do [ -e "$file" ] && kill "$(cat "$file")" 2>/dev/null || :; done
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
# verdict STATUS: the last line; STATUS is 0 where the behaviour is still as described.
verdict() {
    [ "$1" = 0 ] && echo "as described" || echo "CHANGED: the behaviour is no longer as described"
    exit "$1"
}

# within SECONDS COMMAND...: repeat the command until it succeeds, or fail at the deadline.
within() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $deadline ] || return 1
        sleep 0.1
    done
}

debian openvswitch-common=3.1.0-2+deb12u1 openvswitch-switch=3.1.0-2+deb12u1 \
    libunbound8 libevent-2.1-7 libxdp1 libbpf1 libelf1 libnuma1 libcap-ng0 libnettle8 libhogweed6 libgmp10 libssl3 zlib1g
export OVS_RUNDIR=$tmp OVS_LOGDIR=$tmp OVS_DBDIR=$tmp OVS_SYSCONFDIR=$tmp OVS_PKGDATADIR=$root/usr/share/openvswitch
database=unix:$tmp/conf.sock
daemon() {
    local name=$1
    shift
    "$@" --unixctl="$tmp/$name.ctl" --detach --no-chdir --pidfile="$tmp/$name.pid" --log-file="$tmp/$name.log" 2>"$tmp/$name.err" ||
        skip "$name does not start: $(tail -n 1 "$tmp/$name.err")"
}
ovsdb-tool create "$tmp/conf.db" "$OVS_PKGDATADIR/vswitch.ovsschema"
daemon conf ovsdb-server "$tmp/conf.db" --remote="punix:$tmp/conf.sock"
ovs-vsctl --db="$database" --no-wait init
daemon vswitchd "$root/usr/lib/openvswitch-switch/ovs-vswitchd" "$database" --enable-dummy=system --disable-system
timeout 30 ovs-vsctl --db="$database" add-br br -- set bridge br datapath_type=dummy fail-mode=secure \
    -- add-port br p1 -- set interface p1 type=dummy ofport_request=1 -- add-port br p2 -- set interface p2 type=dummy ofport_request=2
switch=$tmp/br.mgmt
within 10 ovs-ofctl -O OpenFlow13 del-flows "$switch" 2>/dev/null || skip "no switch"

# flows OPTION: the actions of the flows that dump-flows prints with this option, its errors and its status.
flows() {
    local status=0
    # shellcheck disable=SC2086 # the option is two words, or none
    ovs-ofctl $1 dump-flows "$switch" >"$tmp/flows" 2>"$tmp/error" || status=$?
    sed -nE 's/.* actions=//p; s/.*\*\*\*(.*)\*\*\*.*/\1/p' "$tmp/flows" | paste -sd ' ' | tr '\n' ','
    echo " status $status"
}
# dumped ACTIONS: three flows, of which the second has these actions.
dumped() {
    ovs-ofctl -O OpenFlow13 del-flows "$switch"
    for flow in "table=0,ip,actions=output:1" "table=1,ip,actions=$1" "table=3,arp,actions=output:2"; do
        ovs-ofctl -O OpenFlow13 add-flow "$switch" "$flow"
    done
    echo "$(ovs-ofctl dump-aggregate "$switch" | grep -o 'flow_count=.*'): $(flows "")"
    echo "    with -O OpenFlow13: $(flows "-O OpenFlow13")"
}
{
    dumped "drop"
    dumped "write_metadata:0x5,goto_table:3"
    dumped "encap(nsh(md_type=1)),output:2"
} | tee "$tmp/seen"
cmp -s "$tmp/seen" - <<'SEEN' || verdict 1
flow_count=3: output:1 drop output:2, status 0
    with -O OpenFlow13: output:1 drop output:2, status 0
flow_count=3: output:1 decode error: OFPBAC_UNSUPPORTED_ORDER, status 0
    with -O OpenFlow13: output:1 write_metadata:0x5,goto_table:3 output:2, status 0
flow_count=3: output:1 decode error: OFPBAC_BAD_VENDOR_TYPE, status 0
    with -O OpenFlow13: output:1 encap(nsh(md_type=1)),output:2 output:2, status 0
SEEN
verdict 0
