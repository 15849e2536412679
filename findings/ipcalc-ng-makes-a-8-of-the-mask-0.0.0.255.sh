#!/usr/bin/env bash
# Software: ipcalc-ng 1.0.2 beside ipcalc 0.42 (Debian 12), and Python's ipaddress.
# Expected: ipcalc-ng(1) takes an address and "[/prefix] [netmask]", and `--check` tells whether they are right: 255.255.0.255 is refused
#   with "bad IPv4 prefix". 0.0.0.255, the mask of access lists and of OSPF's networks, is either no netmask, or the /24 that
#   ipcalc and ipaddress read.
# Seen: `ipcalc-ng -p -n 10.1.2.3/0.0.0.255` says PREFIX 8 and NETWORK 10.0.0.0, and `--check` has exit status 0. 0.0.0.3, a /30, is the
#   /2 of a quarter of all addresses; 0.255.255.255, a /8, is a /24.
# Why: mask2prefix() counts the ones. A gap between them is an error; that they are at the wrong end is not.
# Hurts: anyone who turns a router's access list into security group rules or subnets: the prefix is valid, and wider by far.
set -eu

tmp=$(mktemp -d)
root=$tmp/root
export HOME=$tmp
trap 'rm -rf "$tmp"' EXIT
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
}
# verdict STATUS: the last line; STATUS is 0 where the behaviour is still as described.
verdict() {
    [ "$1" = 0 ] && echo "as described" || echo "CHANGED: the behaviour is no longer as described"
    exit "$1"
}

debian ipcalc-ng=1.0.2-1 ipcalc=0.42-2
# prefix MASK: the lengths that ipcalc-ng, ipcalc and ipaddress read, and ipcalc-ng's network and the exit status of its check.
prefix() {
    local status=0
    ipcalc-ng --check "10.1.2.3/$1" >"$tmp/check" 2>&1 || status=$?
    printf '%s: ipcalc-ng /%s %s (check: %s), ipcalc /%s, ipaddress %s\n' "$1" \
        "$(ipcalc-ng --no-decorate -p "10.1.2.3/$1" 2>/dev/null || echo none)" \
        "$(ipcalc-ng --no-decorate -n "10.1.2.3/$1" 2>/dev/null || echo none)" "$status" \
        "$(ipcalc -n -b "10.1.2.3/$1" | sed -n 's/^Netmask:.*= *\([0-9]*\).*/\1/p')" \
        "$(python3 -c 'import ipaddress, sys; print(ipaddress.ip_interface(sys.argv[1]).network)' "10.1.2.3/$1" 2>/dev/null || echo none)"
}
seen=$(for mask in 255.255.255.0 0.0.0.255 0.0.0.3 0.255.255.255; do prefix "$mask"; done)
refused=$(ipcalc-ng --check 10.1.2.3/255.255.0.255 2>&1 || :)
printf '%s\n255.255.0.255: %s\n' "$seen" "$refused"

[ "$seen" = "255.255.255.0: ipcalc-ng /24 10.1.2.0 (check: 0), ipcalc /24, ipaddress 10.1.2.0/24
0.0.0.255: ipcalc-ng /8 10.0.0.0 (check: 0), ipcalc /24, ipaddress 10.1.2.0/24
0.0.0.3: ipcalc-ng /2 0.0.0.0 (check: 0), ipcalc /30, ipaddress 10.1.2.0/30
0.255.255.255: ipcalc-ng /24 10.1.2.0 (check: 0), ipcalc /8, ipaddress 10.0.0.0/8" ] || verdict 1
case $refused in *"bad IPv4 prefix"*) ;; *) verdict 1 ;; esac
verdict 0
