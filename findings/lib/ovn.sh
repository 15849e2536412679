# Sourced after common.sh: OVN 23.03.1 on Open vSwitch 3.1.0 with the dummy datapath, so without root and without a kernel module.
# One chassis, one logical switch `net`, one port `vm` (MAC 02:00:00:00:00:01) that sends DHCP messages.
frames=$(dirname "${BASH_SOURCE[0]}")/frames.py

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

# ovn_up ADDRESS...: all of it; the port `vm` has these addresses.
ovn_up() {
    ovn_northbound
    ovn_database sb "$OVN_PKGDATADIR/ovn-sb.ovsschema"
    ovn_database conf "$OVS_PKGDATADIR/vswitch.ovsschema"
    ovs-vsctl --db="$OVS_DB" --no-wait init
    ovn_daemon vswitchd "$root/usr/lib/openvswitch-switch/ovs-vswitchd" "$OVS_DB" --enable-dummy=system --disable-system --unixctl="$tmp/vswitchd.ctl"
    ovn_daemon northd ovn-northd --unixctl="$tmp/northd.ctl"
    ovn-sbctl init
    ovs-vsctl --db="$OVS_DB" set open . external_ids:system-id=one external_ids:ovn-remote="$OVN_SB_DB" \
        external_ids:ovn-encap-type=geneve external_ids:ovn-encap-ip=127.0.0.1 \
        -- add-br br-int -- set bridge br-int datapath_type=dummy fail-mode=secure \
        -- add-port br-int vif -- set interface vif type=dummy external_ids:iface-id=vm "options:tx_pcap=$tmp/vif.pcap"
    ovn_daemon controller ovn-controller "$OVS_DB"
    ovn-nbctl ls-add net -- lsp-add net vm -- lsp-set-addresses vm "02:00:00:00:00:01 $*"
}

ovn_daemon() {
    local name=$1
    shift
    "$@" --detach --no-chdir --pidfile="$tmp/$name.pid" --log-file="$tmp/$name.log" 2>"$tmp/$name.err" || {
        cat "$tmp/$name.err" >&2
        exit 1
    }
}

# ovn_dhcp FAMILY CIDR KEY=VALUE...: set the DHCP options of the port `vm` and wait for the chassis.
ovn_dhcp() {
    local family=$1 options
    options=$(ovn-nbctl create DHCP_Options "cidr=\"$2\"")
    shift 2
    ovn-nbctl dhcp-options-set-options "$options" "$@"
    ovn-nbctl "lsp-set-dhcpv$family-options" vm "$options"
    ovn-nbctl --timeout=30 --wait=hv sync
}

# ovn_ask v4|v6|dns MESSAGE OPTION...: the port `vm` sends this message (see frames.py); prints the answer, or "no answer" after three seconds.
ovn_ask() {
    local before answer
    before=$(stat -c %s "$tmp/vif.pcap")
    ovs-appctl -t "$tmp/vswitchd.ctl" netdev-dummy/receive vif "$(python3 "$frames" "$@")" >/dev/null
    within 3 ovn_received "$before" || {
        echo "no answer"
        return
    }
    answer=$(tail -c +$((before + 1 + 16)) "$tmp/vif.pcap" | od -An -v -tx1 | tr -d ' \n')
    python3 "$frames" show "$answer"
}

ovn_received() {
    [ "$(stat -c %s "$tmp/vif.pcap")" -gt "$1" ]
}
