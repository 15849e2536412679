#!/usr/bin/env bash
# Software: subnetcalc 2.4.21 (Debian 12).
# Expected: RFC 6164, 6: routers "MUST support the assignment of /127 prefixes on point-to-point inter-router links" and disable
#   Subnet-Router anycast for them: both addresses are hosts, as both of IPv4's /31 are (RFC 3021). A /128 has 0 bits for hosts.
# Seen: 2001:db8::/127 has "Max. Hosts = 1 (2^1 - 1)" and the range ::1 to ::1; a /128 has "Hosts Bits = 1". Of IPv4's /31 and /32
#   the same program says 2 hosts and 0 bits.
# Why: the exception for prefixes without room for a network address was made for IPv4, and the bits of IPv6 are at
#   least 1.
# Hurts: anyone who plans links by it: one end of each /127 is missing from the plan.
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

debian subnetcalc=2.4.21-1 libgeoip1
summary() {
    subnetcalc "$1" -n -nocolor 2>"$tmp/error" | sed -n 's/^\(Hosts Bits\|Max. Hosts\|Host Range\)  *= *//p' | tr -s ' ' | paste -sd '|'
}
for prefix in 10.0.0.0/31 10.0.0.5/32 2001:db8::/127 2001:db8::5/128; do
    seen=$(summary "$prefix")
    [ -n "$seen" ] || skip "subnetcalc: $(head -n 1 "$tmp/error")"
    echo "$prefix: $seen"
    case "$prefix $seen" in
        "10.0.0.0/31 1|2 (2^1 - 0)|{ 10.0.0.0 - 10.0.0.1 }") ;;
        "10.0.0.5/32 0|1 (2^0 - 0)|{ 10.0.0.5 - 10.0.0.5 }") ;;
        "2001:db8::/127 1|1 (2^1 - 1)|{ 2001:db8::1 - 2001:db8::1 }") ;;
        "2001:db8::5/128 1|1 (2^1 - 1)|{ 2001:db8::5 - 2001:db8::5 }") ;;
        *) verdict 1 ;;
    esac
done
verdict 0
