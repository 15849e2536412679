#!/usr/bin/env bash
# Software: Open vSwitch 3.1.0 (Debian 12), ovs-ofctl add-flow and parse-flow.
# Expected: ovs-actions(7): "OpenFlow 1.1 introduced write_actions"; ovs-ofctl(8): "Only OpenFlow 1.4 and later support importance".
#   What no allowed version can say is refused, as `meter` is: "none of the usable flow formats (OXM-OpenFlow13,...) is among the
#   allowed flow formats", exit status 1.
# Seen: without -O, `actions=write_actions(output:2)` has exit status 0 and no message, and the switch has actions=drop;
#   `clear_actions,write_actions(...),goto_table:3` becomes resubmit(,3), and importance is lost. parse-flow says
#   "usable protocols: any". With -O OpenFlow14 all is as written.
# Why: some actions (meter, push_vlan) limit the usable formats, and these do not; OpenFlow 1.0's encoder leaves out
#   what it cannot say, and an empty list of actions is "drop".
# Hurts: anyone who adds a flow by hand or from a script, and left -O away: packets are dropped instead of forwarded,
#   and each command succeeds.
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
    -- add-port br p1 -- set interface p1 type=dummy -- add-port br p2 -- set interface p2 type=dummy
switch=$tmp/br.mgmt
within 10 ovs-ofctl -O OpenFlow14 del-flows "$switch" 2>/dev/null || skip "no switch"

# flow VERSION-OPTION FLOW: the actions that the switch has after add-flow, or what add-flow says.
flow() {
    ovs-ofctl -O OpenFlow14 del-flows "$switch"
    # shellcheck disable=SC2086 # the option is two words, or none
    ovs-ofctl $1 add-flow "$switch" "$2" >"$tmp/said" 2>&1 || {
        head -n 1 "$tmp/said"
        return 0
    }
    ovs-ofctl -O OpenFlow14 dump-flows "$switch" | sed -n 's/.* actions=/actions=/p'
}
written="write_actions(output:2)"
whole="clear_actions,$written,goto_table:3"
for actions in "$written" "$whole"; do
    usable=$(ovs-ofctl parse-flow "actions=$actions" 2>&1 | sed -n 's/.*usable protocols: //p')
    seen=$(flow "" "table=0,actions=$actions")
    right=$(flow "-O OpenFlow14" "table=0,actions=$actions")
    echo "$actions (usable: $usable): $seen; with -O OpenFlow14: $right"
    printf '%s\n' "$usable $seen $right" >>"$tmp/seen"
done
meter=$(flow "" table=0,actions=meter:1)
echo "meter:1: $meter"
flow "" table=0,importance=3,actions=drop >/dev/null
lost=$(ovs-ofctl -O OpenFlow14 dump-flows "$switch" | grep -c importance || :)
flow "-O OpenFlow14" table=0,importance=3,actions=drop >/dev/null
kept=$(ovs-ofctl -O OpenFlow14 dump-flows "$switch" | grep -c importance=3 || :)
echo "flows with their importance: $lost, with -O OpenFlow14 $kept"

printf '%s\n' "any actions=drop actions=$written" "any actions=resubmit(,3) actions=$whole" | cmp -s - "$tmp/seen" || verdict 1
case $meter in *"none of the usable flow formats"*) ;; *) verdict 1 ;; esac
[ "$lost $kept" = "0 1" ] || verdict 1
verdict 0
