#!/usr/bin/env bash
# Software: nftables 1.0.6.
# Expected: `nft -j list ruleset` gives a ruleset that `nft -j -f` takes back, as the text listing is taken back by `nft -f`;
#   libnftables-json(5) describes one format for both ways, and nft(8) recommends `typeof` for sets since 0.9.4.
# Seen: a set declared by `typeof vlan id` or `typeof ip length` is listed with "type": "integer", and the listing is refused:
#   `unqualified type integer specified in set definition. Try "typeof expression" instead of "type datatype"`. JSON has no such
#   key in 1.0.6. Nothing of the ruleset is loaded.
# Why: the listing prints the name of the set's data type, which for such fields has no fixed length.
# Hurts: tools that save and restore a firewall by JSON: the backup is written without a word, and fails when it is needed.
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

nft 'add table inet t; add set inet t vlans { typeof vlan id; elements = { 5, 7 }; }; add set inet t ports { type inet_service; }'
nft list ruleset >"$tmp/text"
nft -j list ruleset >"$tmp/json"
nft flush ruleset
nft -f "$tmp/text" && echo "text: loaded"
nft flush ruleset
if nft -j -f "$tmp/json" 2>"$tmp/error"; then verdict 1; fi
echo "JSON: $(sed -n 's/.*Error: //p' "$tmp/error")"
grep -o '"name": "vlans", "table": "t", "type": "[a-z]*"' "$tmp/json"

grep -q 'unqualified type integer' "$tmp/error" && [ -z "$(nft list ruleset)" ] || verdict 1
verdict 0
