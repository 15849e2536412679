#!/usr/bin/env bash
# Software: netplan.io 0.106, renderer NetworkManager beside networkd.
# Expected: netplan(5), accept-ra: "When enabled, accept Router Advertisements. When disabled, do not respond to Router
#   Advertisements." It names no backend; what only one has is marked ("only supported with networkd backend", "not
#   recognized by NetworkManager"), or refused ("NetworkManager definitions do not support ipv6-mtu").
# Seen: with networkd accept-ra is IPv6AcceptRA=. With NetworkManager the profile is the same whether it is true, false, or not there:
#   method=auto for dhcp6 (which takes what routers advertise, nm-settings(5)), method=manual for an address (which does not). The
#   generator says nothing and exits with 0.
# Why: nm.c chooses the method by dhcp6 and the addresses alone, and never looks at accept_ra.
# Hurts: servers that should have no route by advertisements and get one, and those with an address of their own whose
#   only default route is advertised.
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

debian netplan.io=0.106-2+deb12u1 libnetplan0=0.106-2+deb12u1 libyaml-0-2 libglib2.0-0 libuuid1 libpcre2-8-0
# generated RENDERER ACCEPT_RA HOW: what the renderer writes of IPv6 for eth0, in one line.
generated() {
    rm -rf "$tmp/out"
    mkdir -p "$tmp/out/etc/netplan"
    cat >"$tmp/out/etc/netplan/one.yaml" <<YAML
network: {version: 2, renderer: $1, ethernets: {eth0: {$2 $3}}}
YAML
    chmod 600 "$tmp/out/etc/netplan/one.yaml"
    "$root/usr/libexec/netplan/generate" --root-dir "$tmp/out" >"$tmp/error" 2>&1 || skip "netplan: $(head -n 1 "$tmp/error")"
    [ ! -s "$tmp/error" ] || cat "$tmp/error"
    grep IPv6AcceptRA "$tmp/out/run/systemd/network/10-netplan-eth0.network" 2>/dev/null || :
    sed -n '/^\[ipv6\]/,$ {/^method=/p;}' "$tmp/out/run/NetworkManager/system-connections/netplan-eth0.nmconnection" 2>/dev/null || :
}
seen=""
for how in "dhcp6: true" "addresses: [fd00::5/64]"; do
    for accept in "accept-ra: true," "accept-ra: false," ""; do
        line="$(generated networkd "$accept" "$how")/$(generated NetworkManager "$accept" "$how")"
        echo "${accept:-nothing said,} $how: networkd ${line%%/*}, NetworkManager ${line#*/}"
        seen="$seen $line"
    done
done

expected=""
for method in auto manual; do
    expected="$expected IPv6AcceptRA=yes/method=$method IPv6AcceptRA=no/method=$method /method=$method"
done
[ "$seen" = "$expected" ] || verdict 1
verdict 0
