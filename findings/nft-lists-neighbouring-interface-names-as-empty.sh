#!/usr/bin/env bash
# Software: nftables 1.0.6 (Debian 12).
# Expected: nft(8): "By design, list ruleset command output may be used as input to nft -f", and "wildcard matching on interface name
#   prefixes is available for iifname and oifname matches by appending an asterisk".
# Seen: `iifname { "eth0*", "eth1*" }` is listed as `{ ""/31 }`, `{ "tap*", "taq" }` as `{ ""-"" }`, and the elements of a set with
#   auto-merge as `{ ""-"" }` too. nft -f refuses each: "Empty string is not allowed"; the JSON listing has the same holes. The kernel
#   has the right ones: packets from eth1 are counted. `{ "eth0*", "eth2*" }` is listed as it was written.
# Why: a name with an asterisk is a range up to the next name, eth0* up to eth1; two ranges that touch are merged as numbers would be,
#   and what comes out is no name any more.
# Hurts: firewalls that are saved by `nft list ruleset >/etc/nftables.conf`, Debian's file for it: at the next boot the file is an
#   error, and no rule of it is loaded; which interfaces the rule was about cannot be read from it either.
set -eu

tmp=$(mktemp -d)
root=$tmp/root
export HOME=$tmp PYTHONDONTWRITEBYTECODE=1
namespaces=""
stop() {
    for namespace in $namespaces; do ip netns del "$namespace" 2>/dev/null || :; done
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
ip netns add "$namespace" 2>/dev/null || skip "network namespaces (root) are needed"
namespaces="$namespace $namespace-peer"
ip netns add "$namespace-peer"
inside() { ip netns exec "$namespace" "$@"; }
# listed ELEMENTS: how a rule with these interfaces is listed, and whether nft takes the listing back.
listed() {
    local status=0
    inside nft flush ruleset 2>"$tmp/error" || skip "nft: $(head -n 1 "$tmp/error")"
    inside nft -f - <<NFT
table inet filter {
    chain input { type filter hook input priority 0; iifname { $1 } accept; }
}
NFT
    inside nft list ruleset >"$tmp/saved"
    inside nft -j list ruleset >"$tmp/json"
    inside nft flush ruleset
    inside nft -f "$tmp/saved" 2>"$tmp/error" || status=$?
    echo "$1:$(sed -n 's/.*iifname\(.*\) accept/\1/p' "$tmp/saved"), back: status $status$(sed -n '1s/.*Error:/,/p' "$tmp/error")"
    inside nft flush ruleset
    inside nft -j -f "$tmp/json" >/dev/null 2>&1 || echo "    and JSON is refused"
}
{
    listed '"eth0*", "eth2*"'
    listed '"eth0*", "eth1*"'
    listed '"tap*", "taq"'
} | tee "$tmp/seen"
inside nft -f - <<'NFT'
table inet filter {
    set names { type ifname; flags interval; auto-merge; elements = { "eth0*", "eth1" }; }
}
NFT
echo "a set of \"eth0*\", \"eth1\" with auto-merge: $(inside nft list ruleset | sed -n 's/^[[:space:]]*elements = //p')" | tee -a "$tmp/seen"

ip link add eth1 netns "$namespace" type veth peer name other netns "$namespace-peer" 2>"$tmp/error" ||
    skip "veth: $(cat "$tmp/error")"
ip -n "$namespace" address add 192.0.2.1/24 dev eth1
ip -n "$namespace-peer" address add 192.0.2.2/24 dev other
ip -n "$namespace" link set eth1 up
ip -n "$namespace-peer" link set other up
inside nft -f - <<'NFT'
table inet counting {
    chain input { type filter hook input priority 0; udp dport 9 iifname { "eth0*", "eth1*" } counter; }
}
NFT
counted() {
    ip netns exec "$namespace-peer" env -u LD_LIBRARY_PATH python3 -c \
        'import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 9))'
    inside nft list table inet counting | grep -q 'counter packets [1-9]'
}
deadline=$((SECONDS + 20))
until counted; do
    [ $SECONDS -lt $deadline ] || verdict 1
    sleep 0.1
done
echo 'packets from eth1 are counted by { "eth0*", "eth1*" }'

cmp -s "$tmp/seen" - <<'SEEN' || verdict 1
"eth0*", "eth2*": { "eth0*", "eth2*" }, back: status 0
"eth0*", "eth1*": { ""/31 }, back: status 1, Empty string is not allowed
    and JSON is refused
"tap*", "taq": { ""-"" }, back: status 1, Empty string is not allowed
    and JSON is refused
a set of "eth0*", "eth1" with auto-merge: { ""-"" }
SEEN
verdict 0
