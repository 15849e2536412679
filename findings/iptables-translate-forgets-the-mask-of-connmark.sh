#!/usr/bin/env bash
# Software: iptables-translate 1.8.9, and what nft 1.0.6 makes of its output.
# Expected: iptables-extensions(8), CONNMARK: `--set-xmark value/mask` is "Zero out the bits given by mask and XOR value into the
#   ctmark"; `--save-mark --nfmask m --ctmask m` is "ctmark = (ctmark & ~ctmask) ^ (nfmark & nfmask)". MARK's --set-xmark is right.
# Seen: --set-xmark 0x4000000/0xffff0000 becomes `ct mark xor 0x4000000 and 0xffff`, where the `and` binds first: nft loads and
#   lists it as `ct mark set ct mark`, which changes nothing. --save-mark becomes `ct mark set mark and 0xffff0000`, which
#   clears the sixteen bits that the mask says to keep.
# Why: the value and the mask are printed in the wrong order, and save-mark ignores its ctmask.
# Hurts: Neutron's L3 agent saves and restores its address scopes by such masks (router_info.py): after a migration to nftables
#   the scope of a connection is never set, or the metadata mark in the lower half is wiped.
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
nft add table ip mangle 2>"$tmp/error" || skip "nft: $(head -n 1 "$tmp/error")"
nft add chain ip mangle PREROUTING

# loaded OPTION...: sets `kernel` to what nft lists of the translation of CONNMARK with these options.
loaded() {
    local rule
    rule=$(iptables-translate -t mangle -A PREROUTING -j CONNMARK "$@" | sed "s/^nft '\(.*\)'$/\1/")
    nft flush chain ip mangle PREROUTING
    nft "$rule"
    kernel=$(nft -s list chain ip mangle PREROUTING | sed -n 's/^.*counter //p')
    printf 'CONNMARK %s\n    translated: %s\n    in the kernel: %s\n' "$*" "$rule" "$kernel"
}
loaded --set-xmark 0x4000000/0xffff0000
[ "$kernel" = "ct mark set ct mark" ] || verdict 1
loaded --save-mark --nfmask 0xffff0000 --ctmask 0xffff0000
[ "$kernel" = "ct mark set meta mark & 0xffff0000" ] || verdict 1
verdict 0
