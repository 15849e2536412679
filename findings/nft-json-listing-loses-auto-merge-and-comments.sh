#!/usr/bin/env bash
# Software: nftables 1.0.6.
# Expected: what `nft -j list ruleset` prints and `nft -j -f` loads again is the same ruleset, as with the text listing;
#   libnftables-json(5) names one format for both ways.
# Seen: the `auto-merge` of a set and the comments of table, chain and set are gone, without an error on either way.
#   Before the reload an overlapping range could be added to the set; after it the same command fails with "interval
#   overlaps with an existing one".
# Why: the JSON printer of 1.0.6 knows none of these four, though the parser and the kernel keep them.
# Hurts: tools that keep a firewall by JSON: block lists of overlapping prefixes load until the first restore, not after it.
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

debian nftables=1.0.6-2+deb12u2 libnftables1=1.0.6-2+deb12u2 libjansson4 libnftnl11 libmnl0 libedit2 libxtables12
namespace=findings-$$
ip netns add "$namespace" 2>/dev/null || skip "network namespaces (iproute2 and root) are needed"
namespaces=$namespace
nft() { ip netns exec "$namespace" "$root/usr/sbin/nft" "$@"; }

cat >"$tmp/rules" <<'NFT'
table inet t {
    comment "of the table"
    set blocked { type ipv4_addr; flags interval; auto-merge; comment "of the set"; elements = { 192.0.2.0/25 }; }
    chain c { comment "of the chain"; ip saddr @blocked drop comment "of the rule"; }
}
NFT
nft -f "$tmp/rules"
nft list ruleset >"$tmp/before"
nft add element inet t blocked '{ 192.0.2.0/24 }' && echo "before: an overlapping range is added"
nft flush ruleset
nft -f "$tmp/rules"
nft -j list ruleset >"$tmp/json"
nft flush ruleset
nft -j -f "$tmp/json"
nft list ruleset >"$tmp/after"
diff "$tmp/before" "$tmp/after" >"$tmp/lost" || cat "$tmp/lost"
if nft add element inet t blocked '{ 192.0.2.0/24 }' 2>"$tmp/error"; then verdict 1; fi
echo "after: $(head -n 1 "$tmp/error")"

[ "$(grep -c '^<' "$tmp/lost")" = 4 ] && ! grep -q '^>' "$tmp/lost" && grep -q overlaps "$tmp/error" || verdict 1
verdict 0
