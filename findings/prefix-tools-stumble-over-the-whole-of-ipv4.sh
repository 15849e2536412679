#!/usr/bin/env bash
# Software: aggregate 1.6, iprange 1.0.4 and sipcalc 1.1.6 (Debian 12).
# Expected: 0.0.0.0/0 is a prefix like others (RFC 4632, 3.1: lengths 0 to 32), of 4294967296 addresses. aggregate(1) takes "prefixes
#   in conventional format" and removes those "already included in another supplied prefix"; iprange's --count-unique prints
#   `entries,unique_ips`.
# Seen: aggregate writes 0.0.0.0/0 for the two halves, and refuses to read it back: "mask length 0 out of range;
#   ignoring line", with exit status 0; 0.0.0.0/0 with 10.0.0.0/8 becomes the smaller one. iprange counts 0 addresses in
#   it, sipcalc 4294967295.
# Why: aggregate wants lengths from 1 on; the counts of the other two are kept in 32 bits, where 4294967296 has no room.
# Hurts: lists of prefixes with a default route, piped through such tools: the route that includes all others is lost.
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

debian aggregate=1.6-7+b1 iprange=1.0.4+ds-2 sipcalc=1.1.6-3
halves=$(printf '0.0.0.0/1\n128.0.0.0/1\n' | aggregate -q) || skip "aggregate does not run"
both=$(printf '0.0.0.0/0\n10.0.0.0/8\n' | aggregate 2>"$tmp/error")
echo "aggregate: of the halves $halves; of 0.0.0.0/0 and 10.0.0.0/8 $both; $(grep -m 1 ignoring "$tmp/error")"
echo 0.0.0.0/0 >"$tmp/all"
count=$(iprange --count-unique "$tmp/all")
addresses=$(sipcalc 0.0.0.0/0 | sed -n 's/^Addresses in network.*- //p')
echo "iprange: entries,addresses = $count; sipcalc: $addresses addresses"

[ "$halves $both" = "0.0.0.0/0 10.0.0.0/8" ] && grep -q 'mask length 0 out of range' "$tmp/error" || verdict 1
[ "$count $addresses" = "1,0 4294967295" ] || verdict 1
verdict 0
