#!/usr/bin/env bash
# Software: cloud-init 22.4.2 (Debian 12), network_data.json; the same in the sources of August 2026.
# Expected: OpenStack's network_data.json has one entry in `networks` for each address of a port, in the order of its
#   fixed_ips: a port on a subnet with SLAAC and on one with routers that are not Neutron's has `ipv6_slaac` and `ipv6`.
#   netplan(5) of accept-ra: "When disabled, do not respond to Router Advertisements", so it is no property of one
#   address.
# Seen: the fixed address turns advertisements off for the link: `accept-ra: false` for netplan, IPV6_AUTOCONF=no and
#   IPV6_FORCE_ACCEPT_RA=no for sysconfig, and the SLAAC address that the same file names never comes. Beside DHCPv6
#   netplan's depends on the order of the entries: false where the fixed address is the last, true where it is the
#   first. For SLAAC alone netplan gets nothing, and sysconfig IPV6_AUTOCONF=yes.
# Why: convert_net_json() sets the link's accept-ra with each entry that is static or of DHCPv6 stateful; the last one wins.
# Hurts: servers on such a network: one of the two IPv6 addresses that Neutron shows is missing, and so is the IPv6
#   default route.
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
# Sourced after common.sh: cloud-init 22.4.2 of Debian 12, for its conversions of network configurations alone.
cloudinit_unpack() {
    debian cloud-init=22.4.2-1+deb12u4
    pypi PyYAML==6.0.2 requests==2.32.3 jsonpatch==1.33 configobj==5.0.9
}
# convert KIND FILE RENDERER: the files that this renderer writes for eth0 (02:00:00:00:00:01) are in $tmp/out/RENDERER afterwards.
convert() {
    local distro=debian
    [ "$3" != sysconfig ] || distro=rhel
    PYTHONPATH=$root/usr/lib/python3/dist-packages "$python" -B -W ignore -m cloudinit.cmd.devel.net_convert \
        -k "$1" -p "$2" -D "$distro" -O "$3" -d "$tmp/out/$3" -m eth0,02:00:00:00:00:01 >"$tmp/convert.log" 2>&1 || {
        cat "$tmp/convert.log" >&2
        exit 1
    }
}

cloudinit_unpack
# entry KIND: an entry of `networks` of the link tap0.
entry() {
    case $1 in
        fixed) echo '{"id": "fixed", "type": "ipv6", "link": "tap0", "network_id": "n", "ip_address": "2001:db8:2::5/64", "routes": []}' ;;
        *) echo "{\"id\": \"$1\", \"type\": \"ipv6_$1\", \"link\": \"tap0\", \"network_id\": \"n\", \"routes\": []}" ;;
    esac
}
# network_data KIND...: the file of a server with one port.
network_data() {
    local kind networks=""
    for kind in "$@"; do networks="$networks${networks:+, }$(entry "$kind")"; done
    echo '{"services": [], "links": [{"id": "tap0", "vif_id": "v", "type": "ovs", "mtu": 1442,' \
        "\"ethernet_mac_address\": \"02:00:00:00:00:01\"}], \"networks\": [$networks]}"
}
# advertisements KIND...: what netplan and sysconfig are told of them.
advertisements() {
    network_data "$@" >"$tmp/network_data.json"
    rm -rf "$tmp/out"
    convert network_data.json "$tmp/network_data.json" netplan
    convert network_data.json "$tmp/network_data.json" sysconfig
    printf '%s: netplan %s, sysconfig %s\n' "$*" "$(grep -rhoE 'accept-ra: .*' "$tmp/out/netplan" || echo "says nothing")" \
        "$(grep -rhE '^IPV6_(AUTOCONF|FORCE_ACCEPT_RA)=' "$tmp/out/sysconfig" | sort -u | paste -sd ' ')"
}
seen=$(
    advertisements slaac
    advertisements slaac fixed
    advertisements dhcpv6-stateful fixed
    advertisements fixed dhcpv6-stateful
)
echo "$seen"
[ "$seen" = "slaac: netplan says nothing, sysconfig IPV6_AUTOCONF=yes
slaac fixed: netplan accept-ra: false, sysconfig IPV6_AUTOCONF=no IPV6_FORCE_ACCEPT_RA=no
dhcpv6-stateful fixed: netplan accept-ra: false, sysconfig IPV6_AUTOCONF=no IPV6_FORCE_ACCEPT_RA=no
fixed dhcpv6-stateful: netplan accept-ra: true, sysconfig IPV6_AUTOCONF=no IPV6_FORCE_ACCEPT_RA=no" ] || verdict 1
verdict 0
