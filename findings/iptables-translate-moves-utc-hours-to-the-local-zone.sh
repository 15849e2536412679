#!/usr/bin/env bash
# Software: iptables-translate 1.8.9, and nft 1.0.6 that loads its output.
# Expected: iptables-extensions(8), time: "All times are interpreted as UTC by default", --kerneltz being there to change that.
#   A rule for 08:00 to 18:00 has to be one for 08:00 to 18:00 UTC after the translation.
# Seen: it becomes `meta hour "08:00:00"-"18:00:00"`, whose hours nft takes in the zone of whoever runs nft: loaded under
#   Asia/Kolkata the kernel gets 02:30 to 12:30 UTC. --kerneltz is translated to the same text.
# Why: the translation knows nothing of zones; nft has had local hours since it has hours, and nft(8) does not say so either.
# Hurts: hosts that do not run on UTC: what should be open by day opens and closes hours too early or too late.
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
nft add table ip filter 2>"$tmp/error" || skip "nft: $(head -n 1 "$tmp/error")"
nft add chain ip filter INPUT

options=(-A INPUT -m time --timestart 08:00 --timestop 18:00 -j ACCEPT)
rule=$(iptables-translate "${options[@]}" | sed "s/^nft '\(.*\)'$/\1/")
echo "iptables-translate ${options[*]}: $rule"
kernel_zone=$(iptables-translate "${options[@]:0:8}" --kerneltz -j ACCEPT | sed "s/^nft '\(.*\)'$/\1/")
[ "$rule" = "$kernel_zone" ] || verdict 1
# POSIX writes a zone that is five and a half hours ahead of UTC with a minus; no zone files are needed for it.
TZ=IST-5:30 nft "$rule"
kernel=$(TZ=UTC0 nft list chain ip filter INPUT | sed -n 's/^.*\(meta hour .*"\) counter.*/\1/p')
echo "loaded at UTC+05:30, listed in UTC: $kernel"
[ "$kernel" = 'meta hour "02:30"-"12:30"' ] || verdict 1
verdict 0
