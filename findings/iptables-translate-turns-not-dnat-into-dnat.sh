#!/usr/bin/env bash
# Software: iptables-translate 1.8.9 (Debian 12).
# Expected: iptables-extensions(8) has "[!] --ctstate statelist [...] a comma separated list of the connection states", with NEW
#   and DNAT alike among them. What the program cannot say in nftables it prints as a comment, as it does for CHECKSUM.
# Seen: `! --ctstate DNAT` becomes `ct status dnat`, which is the opposite; DNAT,SNAT becomes SNAT alone; DNAT,NEW loses
#   NEW. `! --ctstate NEW` alone is right.
# Why: state and status are printed by two functions; the one for the status knows neither `!` nor that it is a list.
# Hurts: a router moved to nftables: Neutron's own `! -o qg-... -m conntrack ! --ctstate DNAT -j ACCEPT`, which keeps
#   local traffic from being translated, then matches only the connections of floating IPs.
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

debian iptables=1.8.9-2 libxtables12=1.8.9-2 libnftnl11 libmnl0
export XTABLES_LIBDIR=$root/usr/lib/$(uname -m)-linux-gnu/xtables
translate() {
    iptables-translate -t nat -A POSTROUTING "$@" -j ACCEPT 2>"$tmp/error" || skip "iptables-translate: $(head -n 1 "$tmp/error")"
}
export XTABLES_LOCKFILE=$tmp/lock

check() {
    local wanted=$1 seen
    shift
    seen=$(translate "$@")
    echo "$*"
    echo "    $seen"
    case $seen in *"POSTROUTING $wanted counter accept"*) ;; *) verdict 1 ;; esac
}
check "ct state ! new" -m conntrack ! --ctstate NEW
check 'oifname != "qg-1" ct status dnat' ! -o qg-1 -m conntrack ! --ctstate DNAT
check "ct status snat" -m conntrack --ctstate DNAT,SNAT
check "ct status dnat" -m conntrack --ctstate DNAT,NEW
verdict 0
