#!/usr/bin/env bash
# Software: ldns 1.8.3 (ldns-read-zone; the same parser is in ldns-signzone and ldns-compare-zones), beside nsd 4.6.1.
# Expected: RFC 1035, 5.1: a record is "[<TTL>] [<class>] <type> <RDATA>" or "[<class>] [<TTL>] <type> <RDATA>"; it "begins with
#   optional TTL and class fields", in either order.
# Seen: `vm IN 60 A 10.0.0.2` is "Syntax error, could not parse the RR's rdata", and with it the zone. `vm 60 IN A`, `vm IN A` and
#   `vm 60 A` are read. nsd, of the same house, reads all four.
# Why: behind a class the next word is taken for the type; 60 is none, and the rest does not fit.
# Hurts: zones written by hand or by older tools, where this order is common: they are served, and cannot be signed or compared.
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

debian ldnsutils=1.8.3-1+b1 libldns3=1.8.3-1+b1 nsd=4.6.1-1 libevent-2.1-7 libssl3 libfstrm0 libprotobuf-c1
for record in "60 IN A" "IN A" "60 A" "IN 60 A"; do
    printf '%s\n' '$ORIGIN example.org.' '$TTL 3600' '@ IN SOA ns hostmaster 1 3600 900 604800 60' '@ IN NS ns' 'ns IN A 10.0.0.1' \
        "vm $record 10.0.0.2" >"$tmp/zone"
    by_ldns=$(ldns-read-zone "$tmp/zone" 2>"$tmp/error" | awk '$1 ~ /^vm/ { print $2, $3, $4, $5 }')
    by_nsd=$(nsd-checkzone -p example.org "$tmp/zone" | awk '$1 ~ /^vm/ { print $2, $3, $4, $5 }')
    echo "vm $record 10.0.0.2 - ldns: ${by_ldns:-$(head -n 1 "$tmp/error")} - nsd: $by_nsd"
    case $record:$by_ldns:$by_nsd in
        "IN 60 A::60 IN A 10.0.0.2") grep -q 'Syntax error' "$tmp/error" || verdict 1 ;;
        "60 "*":60 IN A 10.0.0.2:60 IN A 10.0.0.2" | "IN A:3600 IN A 10.0.0.2:3600 IN A 10.0.0.2") ;;
        *) verdict 1 ;;
    esac
done
verdict 0
