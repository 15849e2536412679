#!/usr/bin/env bash
# Software: dhcpd-pools 2.29 (Debian 12), the text it prints of ISC DHCP's leases.
# Expected: the sum of all ranges is the sum of the ranges, as it is for leases in use and touched ones; it does not depend on
#   -A, "treat single subnets as shared-network with CIDR as their name".
# Seen: with failover, three backup leases in a shared network and six in a subnet without one are 15 in the sum, 50 percent of 30
#   addresses. With -A they are 9, 30 percent. What is in no shared network counts twice.
# Why: what is in no shared network goes into "All networks" while ranges are counted, and then all ranges are added to that again;
#   addresses, leases in use and touched ones are set to zero in between, backups are not.
# Hurts: operators of failover pairs who watch how many addresses the peer holds back: the sum can be above the number there is.
set -eu

tmp=$(mktemp -d)
root=$tmp/root
export HOME=$tmp PYTHONDONTWRITEBYTECODE=1
stop() {
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

debian dhcpd-pools=2.29-1.1
cat >"$tmp/dhcpd.conf" <<'CONF'
shared-network floor {
  subnet 10.0.0.0 netmask 255.255.255.0 { range 10.0.0.10 10.0.0.19; }
}
subnet 10.0.2.0 netmask 255.255.255.0 { range 10.0.2.10 10.0.2.19; }
subnet 10.0.3.0 netmask 255.255.255.0 { range 10.0.3.10 10.0.3.19; }
CONF
# lease STATE ADDRESS...: these leases as dhcpd writes them.
lease() {
    local state=$1 address
    shift
    for address in "$@"; do
        printf 'lease %s {\n  starts 1 2026/11/30 10:00:00;\n  ends 1 2036/11/30 10:00:00;\n  binding state %s;\n}\n' "$address" "$state"
    done
}
{
    lease backup 10.0.0.10 10.0.0.11 10.0.0.12 10.0.2.10 10.0.2.11 10.0.2.12 10.0.2.13 10.0.2.14 10.0.2.15
    lease active 10.0.2.16 10.0.3.10
} >"$tmp/dhcpd.leases"
# counted OPTION...: addresses, leases in use and backup leases with their percentage: of the ranges together, and in the sum.
counted() {
    dhcpd-pools -c "$tmp/dhcpd.conf" -l "$tmp/dhcpd.leases" -f t "$@" >"$tmp/text" 2>"$tmp/error" ||
        skip "dhcpd-pools: $(cat "$tmp/error")"
    awk '/^Ranges/ { part = 1 } /^Shared/ { part = 2 } /^Sum/ { part = 3 }
        part == 1 && / - / { sub(/.* - /, ""); max += $2; used += $3; backup += $8 }
        part == 3 && /^All networks/ { print "ranges: " max, used, backup "; sum: " $3, $4, $9, $10 }' "$tmp/text"
}
plain=$(counted)
shared=$(counted -A)
printf 'addresses, leases in use, backup leases\n%s\nwith -A %s\n' "$plain" "$shared"
[ "$plain" = "ranges: 30 2 9; sum: 30 2 15 50.000" ] || verdict 1
[ "$shared" = "ranges: 30 2 9; sum: 30 2 9 30.000" ] || verdict 1
verdict 0
