#!/usr/bin/env bash
# Software: ebtables-translate 1.8.9, and nft 1.0.6 that loads its output.
# Expected: ebtables-nft(8): `--ip-tos` is "The IP type of service, in hexadecimal numbers", the whole second octet of the header;
#   --ip6-tclass likewise. nft's `ip dscp` is the upper six bits of it (RFC 2474, 3): TOS 0x10 is DSCP 0x04.
# Seen: `--ip-tos 0x10` becomes `ip dscp 0x10`, which is TOS 0x40; `--ip6-tclass 0x10` too. The TOS 0xc0 of routing
#   protocols (DSCP 0x30, CS6) becomes `ip dscp 0x00`, which every ordinary packet has.
# Why: the number is cut to six bits and printed under the other name, without the shift by two.
# Hurts: bridges that sort traffic by TOS: after the migration other packets are matched, without a warning.
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

debian iptables=1.8.9-2 libxtables12=1.8.9-2 libnftnl11 libmnl0 nftables=1.0.6-2+deb12u2 libnftables1=1.0.6-2+deb12u2 \
    libjansson4 libedit2 libbsd0 libmd0 libgmp10
export XTABLES_LIBDIR=$root/usr/lib/$(uname -m)-linux-gnu/xtables XTABLES_LOCKFILE=$tmp/lock
namespace=findings-$$
ip netns add "$namespace" 2>/dev/null || skip "network namespaces (iproute2 and root) are needed"
namespaces=$namespace
nft() {
    ip netns exec "$namespace" "$root/usr/sbin/nft" "$@"
}
nft add table bridge filter 2>"$tmp/error" || skip "nft: $(head -n 1 "$tmp/error")"
nft add chain bridge filter FORWARD
# translated OPTION...: sets `rule` to the translation, printed.
translated() {
    rule=$(ebtables-translate -A FORWARD "$@" -j DROP 2>"$tmp/error" | sed "s/^nft '\(.*\)'$/\1/")
    echo "$*: $rule"
}

translated -p IPv6 --ip6-tclass 0x10
case $rule in *"ip6 dscp 0x10 counter drop") ;; *) verdict 1 ;; esac
translated -p IPv4 --ip-tos 0x10
case $rule in *"ip dscp 0x10 counter drop") ;; *) verdict 1 ;; esac
# What the kernel compares the octet of the TOS with, in the bits of the DSCP.
nft --debug=netlink "$rule" >"$tmp/code" 2>&1 || :
grep -A 2 'reg 1 = ( reg 1 & 0x000000fc )' "$tmp/code" || verdict 1
grep -q 'cmp eq reg 1 0x00000040' "$tmp/code" || verdict 1
translated -p IPv4 --ip-tos 0xc0
case $rule in *"ip dscp 0x00 counter drop") ;; *) verdict 1 ;; esac
verdict 0
