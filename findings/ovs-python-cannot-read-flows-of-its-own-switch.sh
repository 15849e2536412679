#!/usr/bin/env bash
# Software: ovs 4.0.0 (PyPI), ovs.flow; the flows are of Open vSwitch 3.1.0 (Debian 12).
# Expected: ovs.flow is for "parsing OpenFlow and datapath flows", as ovs-ofctl dump-flows and ovs-appctl dpctl/dump-flows print them.
# Seen: of what a switch prints,
#   - a flow with the flag send_flow_rem is a ParseError: "Error parsing key-value (send_flow_rem idle_age, 0)";
#   - packet_type=(1,0x800) is two matches, 'packet_type': '(1' and '0x800)': True;
#   - of encap(nsh(...)) with two TLVs the second alone is left;
#   - the datapath's pop_mpls(eth_type=0x800) is a ParseError.
# Why: pairs are separated by commas and whole flags by spaces, so that a flag takes the next key in; packet_type has no decoder; the
#   TLVs are one key of a dictionary; and for pop_mpls a table of decoders stands where a function should be.
# Hurts: ovs-flowviz and whoever reads dumps with it: a whole dump is not shown for one flow of a controller that wants to hear of
#   expired flows, and two of the four are wrong without a word.
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
pypi ovs==4.0.0 netaddr==1.3.0 pyparsing==3.2.0
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
within 10 ovs-ofctl -O OpenFlow15 del-flows "$switch" 2>/dev/null || skip "no switch"
cat >"$tmp/flows" <<'FLOWS'
table=0,in_port=1,mpls,mpls_bos=1,actions=pop_mpls:0x0800,output:2
table=1,priority=5,ip,actions=drop
table=2,priority=5,send_flow_rem,ip,actions=drop
table=3,priority=5,packet_type=(1,0x800),actions=drop
table=4,priority=5,ip,actions=encap(nsh(md_type=2,tlv(0x1000,10,0x12345678),tlv(0x2000,20,0x9abcdef0)))
FLOWS
ovs-ofctl -O OpenFlow15 add-flows "$switch" "$tmp/flows"
ovs-ofctl -O OpenFlow15 --no-names dump-flows "$switch" >"$tmp/openflow"
control="ovs-appctl -t $tmp/vswitchd.ctl"
$control netdev-dummy/receive p1 \
    'in_port(1),eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02),eth_type(0x8847),mpls(label=5,tc=0,ttl=64,bos=1)'
datapath() { $control dpctl/dump-flows 2>/dev/null | grep pop_mpls >"$tmp/datapath"; }
within 10 datapath || skip "no flow in the datapath"

cat >"$tmp/read.py" <<'PYTHON'
import re
import sys

from ovs.flow.kv import ParseError
from ovs.flow.odp import ODPFlow
from ovs.flow.ofp import OFPFlow

for name, flow in (("openflow", OFPFlow), ("datapath", ODPFlow)):
    for line in open(f"{sys.argv[1]}/{name}"):
        table = re.search(r"table=([1-4])", line)
        if not table and name == "openflow":
            continue
        try:
            parsed = flow(line.strip())
            text = f"{dict(parsed.match)} {[dict(action) for action in parsed.actions]}"
        except ParseError as error:
            text = f"ParseError: {error}"
        print("table " + table[1] if table else "datapath", text, sep=": ")
PYTHON
cut -d, -f3- "$tmp/openflow" | sed '/table=/!d'
cat "$tmp/datapath"
env -u LD_LIBRARY_PATH "$python" "$tmp/read.py" "$tmp" | tee "$tmp/seen"
cmp -s "$tmp/seen" - <<'SEEN' || verdict 1
table 1: {'priority': 5, 'ip': True} [{'drop': True}]
table 2: ParseError: Error parsing key-value (send_flow_rem idle_age, 0)
table 3: {'priority': 5, 'packet_type': '(1', '0x800)': True} [{'drop': True}]
table 4: {'priority': 5, 'ip': True} [{'encap': {'header': 'nsh', 'props': {'md_type': 2, 'tlv': {'class': 8192, 'type': 20, 'value': 2596069104}}}}]
datapath: ParseError: Error parsing key-value (pop_mpls, eth_type=0x800)
SEEN
verdict 0
