#!/usr/bin/env bash
# Software: systemd-network-generator 252 (Debian 12).
# Expected: systemd-network-generator.service(8): "vlan=, bond=, bridge=, bootdev= - translated into systemd.netdev(5) files", "See
#   dracut.cmdline(7) [...] for option syntax and details". There bond= has <options>, "a comma-separated list on bonding options
#   (modinfo bonding for details)". systemd.netdev(5) has a setting for each of mode=802.3ad, miimon=100 and lacp_rate=fast.
# Seen: the .netdev has Kind=bond, the name and the MTU that stands behind the options, and no [Bond] section. An option that the
#   driver does not have is passed over as well. The status is 0 and nothing is printed.
# Why: the generator looks for the colon that ends the options, and throws away what is before it.
# Hurts: machines that boot by systemd-networkd over a bond: it comes up in balance-rr, without monitoring, before a
#   switch that waits for LACP. NetworkManager's generator reads the same line correctly.
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

debian systemd=252.39-1~deb12u2 libsystemd-shared=252.39-1~deb12u2
export LD_LIBRARY_PATH=$root/usr/lib/$(uname -m)-linux-gnu/systemd:$root/lib/$(uname -m)-linux-gnu/systemd:$LD_LIBRARY_PATH
# netdev OPTIONS: the file for a bond with these.
netdev() {
    rm -rf "$tmp/out"
    mkdir "$tmp/out"
    "$root/lib/systemd/systemd-network-generator" --root="$tmp/out" -- "bond=bond0:eth0,eth1:$1:1400" ip=bond0:dhcp 2>"$tmp/error" ||
        skip "systemd-network-generator: $(head -n 1 "$tmp/error")"
    grep -E '^[[A-Z]' "$tmp/out/run/systemd/network/90-bond0.netdev" | tr '\n' ' '
}

plain=$(netdev "")
lacp=$(netdev mode=802.3ad,miimon=100,lacp_rate=fast)
unknown=$(netdev nonsense=1)
printf 'no options: %s\n802.3ad: %s\nnonsense=1: %s\n' "$plain" "$lacp" "$unknown"
[ "$lacp" = "[NetDev] Kind=bond Name=bond0 MTUBytes=1400 " ] && [ "$plain" = "$lacp" ] && [ "$unknown" = "$lacp" ] || verdict 1
verdict 0
