#!/usr/bin/env bash
# Software: nftables 1.0.6.
# Expected: what `nft -j list ruleset` prints and `nft -j -f` loads again is the same ruleset, as with the text listing;
#   libnftables-json(5) names one format for both ways.
# Seen: the `auto-merge` of a set and the comments of table, chain and set are gone, without an error on either way. Before, an
#   overlapping range could be added to the set; after, the same command fails with "interval overlaps with an existing one".
# Why: the JSON printer of 1.0.6 knows none of these four, though the parser and the kernel keep them.
# Hurts: tools that keep a firewall by JSON: block lists of overlapping prefixes load until the first restore, not after it.
set -eu
. "$(dirname "$0")/lib/common.sh"

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
