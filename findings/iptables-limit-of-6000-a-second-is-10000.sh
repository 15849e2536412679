#!/usr/bin/env bash
# Software: iptables 1.8.9, iptables-legacy and iptables-nft alike.
# Expected: `-m limit --limit 6000/second` is kept, or refused as 40000/second is ("Rate too fast"); iptables-extensions(8):
#   "Maximum average matching rate: specified as a number".
# Seen: it is 10000/second, two thirds more, 3000 is 3333 and 700 is 714, without a warning.
# Why: xt_limit keeps the rate as a whole number of tenths of milliseconds between two packets: 10000/6000 is 1, so all rates
#   from 5001 to 10000 are one and the same. nftables' own limit has no such grain.
# Hurts: anyone who limits new connections or logged packets by measured numbers, and whoever
#   compares a rule with the saved one: `iptables -C` finds it, a comparison of texts does not.
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

debian iptables=1.8.9-2 libip4tc2=1.8.9-2 libip6tc2=1.8.9-2 libxtables12=1.8.9-2 libnftnl11 libmnl0 libnetfilter-conntrack3 libnfnetlink0
export XTABLES_LIBDIR=$root/usr/lib/$(uname -m)-linux-gnu/xtables XTABLES_LOCKFILE=$tmp/lock
namespace=findings-$$
ip netns add "$namespace" 2>/dev/null || skip "network namespaces (iproute2 and root) are needed"
namespaces=$namespace

for variant in iptables-nft iptables-legacy; do
    for rate in 6000 3000 700; do
        ip netns exec "$namespace" "$root/usr/sbin/$variant" -A INPUT -m limit --limit "$rate/second" -j ACCEPT 2>"$tmp/error" ||
            skip "$variant: $(tail -n 1 "$tmp/error")"
        kept=$(ip netns exec "$namespace" "$root/usr/sbin/$variant" -S INPUT 2>/dev/null | sed -n '$s/.*--limit \([^ ]*\) .*/\1/p')
        echo "$variant: $rate/second is kept as $kept"
        [ "$rate $kept" = "6000 10000/sec" ] || [ "$rate $kept" = "3000 3333/sec" ] || [ "$rate $kept" = "700 714/sec" ] || verdict 1
    done
done
verdict 0
