#!/usr/bin/env bash
# Software: nm-initrd-generator of NetworkManager 1.42.4 (Debian 12), which takes over dracut's bond= when NetworkManager is in the initrd.
# Expected: dracut.cmdline(7), bond=: "If <options> includes multi-valued arp_ip_target option, then its values should be separated
#   by semicolon", since the comma separates the options.
# Seen: two targets are ignored as "not a valid IPv4 address", arp_interval then lacks them, and the bond's profile is
#   not written. Its ports' profiles are, with a master that does not exist. With one target all three are written.
# Why: the value is handed on to the bond's setting, which wants commas.
# Hurts: machines that boot over a bond with ARP monitoring, whose command line worked with dracut's own scripts.
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

debian network-manager=1.42.4-1+deb12u1 libnm0=1.42.4-1+deb12u1
generate() {
    "$root/usr/lib/NetworkManager/nm-initrd-generator" --stdout --sysfs-dir "$tmp/sys" --initrd-data-dir "$tmp/data" -- "$@" \
        >"$tmp/out" 2>&1 || skip "nm-initrd-generator: $(head -n 1 "$tmp/out")"
    seen=$(grep -E '^(type|arp_ip_target)=|^bond.options' "$tmp/out" | sort -u | tr '\n' ' ')
    printf '%s\n    %s\n' "$*" "$seen"
}
options=mode=active-backup,arp_interval=100

generate "bond=bond0:eth0,eth1:$options,arp_ip_target=10.0.0.1" ip=bond0:dhcp
[ "$seen" = "arp_ip_target=10.0.0.1 type=bond type=ethernet " ] || verdict 1
generate "bond=bond0:eth0,eth1:$options,arp_ip_target=10.0.0.1;10.0.0.2" ip=bond0:dhcp
case $seen in "bond.options: 'arp_interval' option requires 'arp_ip_target' option to be set type=ethernet ") ;; *) verdict 1 ;; esac
verdict 0
