#!/usr/bin/env bash
# Software: OVN 23.03.1 (Debian 12), ovn-nbctl lb-add.
# Expected: ovn-nbctl(8): it "adds the vip to an existing lb", "the optional argument protocol must be either tcp, udp or sctp", and "if
#   the protocol is unspecified and a port number is provided as part of the vip, OVN assumes the protocol to be tcp". What was
#   there stays as it was, or the command is refused: that a VIP exists already is an error unless one says --may-exist.
# Seen: a load balancer has 192.0.2.7:80 for TCP. `lb-add web 192.0.2.7:53 10.0.0.2:53 udp` makes both UDP, exit status 0. With a UDP one
#   there, a VIP that is added without a protocol is UDP; with one of tcp, all are TCP.
# Why: Load_Balancer has one column for the protocol of all its VIPs, and lb-add sets it when it is said, whoever has VIPs in it.
# Hurts: operators who add DNS or QUIC to a load balancer of web servers: port 80 is answered no more, and nothing said so.
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

debian ovn-central=23.03.1-1~deb12u2 ovn-common=23.03.1-1~deb12u2 openvswitch-common=3.1.0-2+deb12u1 \
    openvswitch-switch=3.1.0-2+deb12u1 \
    libunbound8 libevent-2.1-7 libxdp1 libbpf1 libelf1 libnuma1 libcap-ng0 libnettle8 libhogweed6 libgmp10 libssl3 zlib1g
export OVS_RUNDIR=$tmp OVN_RUNDIR=$tmp OVS_LOGDIR=$tmp
ovsdb-tool create "$tmp/nb.db" "$root/usr/share/ovn/ovn-nb.ovsschema"
ovsdb-server "$tmp/nb.db" --remote="punix:$tmp/nb.sock" --unixctl="$tmp/nb.ctl" --detach --no-chdir --pidfile="$tmp/nb.pid" \
    --log-file="$tmp/nb.log" 2>"$tmp/error" || skip "ovsdb-server does not start: $(tail -n 1 "$tmp/error")"
northbound() { timeout 30 ovn-nbctl --db="unix:$tmp/nb.sock" "$@"; }
# balancer NAME: its VIPs, each with the protocol that it has.
balancer() {
    echo "    $1: $(northbound lb-list "$1" | sed -n 's/.* \(tcp\|udp\|sctp\)  *\([0-9.:]*\) .*/\2 \1/p' | sort -t : -k 2n | paste -sd ,)"
}
# added NAME VIP IPS [PROTOCOL]: add the VIP, and print what the load balancer is then.
added() {
    local status=0
    northbound lb-add "$@" 2>&1 || status=$?
    echo "lb-add $*: status $status"
    balancer "$1"
}
{
    added web 192.0.2.7:80 10.0.0.1:80
    added web 192.0.2.7:53 10.0.0.2:53 udp
    added web 192.0.2.7:443 10.0.0.1:443
    added web 192.0.2.7:444 10.0.0.1:444 tcp
} | tee "$tmp/seen"
cmp -s "$tmp/seen" - <<'SEEN' || verdict 1
lb-add web 192.0.2.7:80 10.0.0.1:80: status 0
    web: 192.0.2.7:80 tcp
lb-add web 192.0.2.7:53 10.0.0.2:53 udp: status 0
    web: 192.0.2.7:53 udp,192.0.2.7:80 udp
lb-add web 192.0.2.7:443 10.0.0.1:443: status 0
    web: 192.0.2.7:53 udp,192.0.2.7:80 udp,192.0.2.7:443 udp
lb-add web 192.0.2.7:444 10.0.0.1:444 tcp: status 0
    web: 192.0.2.7:53 tcp,192.0.2.7:80 tcp,192.0.2.7:443 tcp,192.0.2.7:444 tcp
SEEN
verdict 0
