#!/usr/bin/env bash
# Software: iptables-translate, ip6tables-translate and ebtables-translate 1.8.9.
# Expected: iptables(8): "-I, --insert chain [rulenum]", "Insert one or more rules in the selected chain as the given rule
#   number". nft has `insert rule ... index 2 ...` (nft(8), RULES); failing that, the comment that untranslatable
#   rules get, and xtables-translate(8) names no such limitation.
# Seen: `-I FORWARD 3` and `-I FORWARD` are translated alike, to an `insert rule` at the head of the chain. There is no message.
# Why: the rule number is parsed and handed on, and the function that prints the rule does not look at it.
# Hurts: scripts of `iptables -I CHAIN 2 ...` that were put through it: order decides, and a rule meant to stand after the
#   exceptions stands before them.
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
export XTABLES_LIBDIR=$root/usr/lib/$(uname -m)-linux-gnu/xtables XTABLES_LOCKFILE=$tmp/lock

for program in iptables-translate ip6tables-translate ebtables-translate; do
    first=$("$program" -I FORWARD -i eth0 -j DROP 2>"$tmp/error") || skip "$program: $(head -n 1 "$tmp/error")"
    third=$("$program" -I FORWARD 3 -i eth0 -j DROP 2>"$tmp/error") || verdict 1
    echo "$program -I FORWARD 3 -i eth0 -j DROP: $third"
    [ "$first" = "$third" ] || verdict 1
    case $third in *"insert rule"*index*) verdict 1 ;; *"insert rule"*) ;; *) verdict 1 ;; esac
done
verdict 0
