#!/usr/bin/env bash
# Software: ipcalc 0.42 (Debian 12, with perl 5.36), --split.
# Expected: ipcalc(1): -s is "split network to subnets where a b c fits in". 14 hosts fit in a /28 and 50 in a /26; the program itself
#   counts 16 and 64 addresses as needed, and begins the next subnet behind as many.
# Seen: of 10.0.0.0/16, 14 hosts get a /29, of which it says itself "Hosts/Net: 6", 50 hosts get a /27 with 30. 6, 30
#   and 126 hosts are right; every second power of two is wrong by half. The line "Used network" ends in
#   /24.999999999999999999999999999999999999999 where /25 is meant.
# Why: the prefix is 32 - log(size) / log(2) under `use bignum`. The size is text there, its logarithm an ordinary number of 15 digits,
#   and that of 2 one of forty: for 16 the result is a little above 28, and the loop that counts bits up to it takes one more.
# Hurts: address plans: half of the hosts have no address, and nothing says so but a number three lines below.
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

debian ipcalc=0.42-2
command -v perl >/dev/null || skip "no perl"
wrong=""
for hosts in 6 14 30 50 126 254; do
    env -u LD_LIBRARY_PATH ipcalc --nocolor --nobinary 10.0.0.0/16 --split "$hosts" >"$tmp/split" || skip "ipcalc does not run"
    subnet=$(sed -n '/Requested size/,$ s/^Network: *\([^ ]*\).*/\1/p' "$tmp/split")
    room=$(sed -n '/Requested size/,$ s/^Hosts\/Net: *\([0-9]*\).*/\1/p' "$tmp/split")
    echo "$hosts hosts: $subnet, room for $room; needed: $(sed -n 's/^Needed size: *//p' "$tmp/split")"
    [ "$room" -ge "$hosts" ] || wrong="$wrong$hosts:${subnet#*/} "
done
used=$(env -u LD_LIBRARY_PATH ipcalc -n -b 10.0.0.0/24 -s 10 50 20 | sed -n 's/^Used network: *//p')
echo "used by 10, 50 and 20 hosts: $used"

[ "$wrong" = "14:29 50:27 254:25 " ] || verdict 1
case $used in 10.0.0.0/24.99999*) verdict 0 ;; *) verdict 1 ;; esac
