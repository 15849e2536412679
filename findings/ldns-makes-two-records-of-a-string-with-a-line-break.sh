#!/usr/bin/env bash
# Software: ldns 1.8.3 (ldns-read-zone), beside nsd 4.6.1 (nsd-checkzone).
# Expected: RFC 1035, 5.1: "Inside a " delimited string any character can occur, except for a " itself, which must be quoted using
#   \". nsd reads a line break within one as the octet 10. A reader that does not want it says so (BIND: "unbalanced quotes").
# Seen: where the second line is one word, ldns reads the first line as the whole string, and the second one as another
#   record, of TYPE0 without data. The status is 0 and there is no message. TYPE0 "must never be allocated for ordinary
#   use" (RFC 6895, 3.1).
# Why: a line break ends the record, quotes or not; what is left over starts with a blank, so it is a record of the same owner.
# Hurts: long TXT records (DKIM keys, site verification) pasted with their line breaks: half a key is published, and
#   other servers refuse what ldns writes.
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
cat >"$tmp/zone" <<'ZONE'
$ORIGIN example.org.
$TTL 60
@    IN SOA ns hostmaster 1 3600 900 604800 60
     IN NS  ns
ns   IN A   10.0.0.1
text IN TXT "p=MIIBIjANBgkq
 hkiG9w0BAQEF"
ZONE
by_ldns=$(ldns-read-zone "$tmp/zone") && status=0 || status=$?
by_ldns=$(printf '%s\n' "$by_ldns" | awk '$1 ~ /^text/ { $1 = $2 = $3 = ""; printf "%s;", $0 }' | tr -s ' ')
by_nsd=$(nsd-checkzone -p example.org "$tmp/zone" | sed -n 's/^text.*IN.\(TXT\).\(.*\)/\1 \2/p')
printf 'a string of two lines - ldns (status %s):%s - nsd: %s\n' "$status" "$by_ldns" "$by_nsd"

[ "$status$by_ldns" = '0 TXT "p=MIIBIjANBgkq"; TYPE0 \# 0;' ] && [ "$by_nsd" = 'TXT "p=MIIBIjANBgkq\010 hkiG9w0BAQEF"' ] || verdict 1
verdict 0
