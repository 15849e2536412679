#!/usr/bin/env bash
# Software: ldns 1.8.3 (ldns-read-zone), dnspython 2.7.0 (dns.zone.from_file) and nsd 4.6.1 (nsd-checkzone), beside BIND 9.18
#   (named-compilezone).
# Expected: RFC 1035, 5.1: "Domain names that do not end in a dot are called relative; the actual domain name is the concatenation
#   of the relative part with an origin specified in a $ORIGIN". $ORIGIN takes a domain name like others, so `$ORIGIN dev` in
#   example.org is dev.example.org.
# Seen: of `x` behind it ldns makes x.dev., a name outside the zone; dnspython leaves the record out; both without a word. nsd
#   refuses the file, "$ORIGIN directive requires absolute domain name". BIND has x.dev.example.org.
# Why: the first two take the text for a name without looking at the origin before; what is not in the zone dnspython passes over.
# Hurts: zone files with a section for each subdomain: read for signing, for a comparison or an import, the section is not there.
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
# pypi NAME==VERSION...: a virtual environment in $tmp/venv with these packages; $python is its interpreter.
pypi() {
    python=$tmp/venv/bin/python
    [ -x "$python" ] || python3 -m venv "$tmp/venv"
    env -u LD_LIBRARY_PATH "$python" -m pip install -q --no-compile --disable-pip-version-check "$@" >"$tmp/pip.log" 2>&1 ||
        skip "pip install $*: $(grep -m 1 ERROR "$tmp/pip.log")"
}
# verdict STATUS: the last line; STATUS is 0 where the behaviour is still as described.
verdict() {
    [ "$1" = 0 ] && echo "as described" || echo "CHANGED: the behaviour is no longer as described"
    exit "$1"
}

debian ldnsutils=1.8.3-1+b1 libldns3=1.8.3-1+b1 nsd=4.6.1-1 libevent-2.1-7 libssl3 libfstrm0 libprotobuf-c1 \
    bind9-utils bind9-libs libuv1 libmaxminddb0 liblmdb0 libjson-c5 libxml2 libnghttp2-14 libcap2
pypi dnspython==2.7.0
cat >"$tmp/zone" <<'ZONE'
$ORIGIN example.org.
$TTL 60
@    IN SOA ns hostmaster 1 3600 900 604800 60
     IN NS  ns
ns   IN A   10.0.0.1
$ORIGIN dev
x    IN A   10.0.0.2
ZONE
owner() { awk '$5 == "10.0.0.2" { print $1 }'; }
by_ldns=$(ldns-read-zone "$tmp/zone" | owner)
by_bind=$(named-compilezone -q -i none -o - example.org "$tmp/zone" | owner)
by_nsd=$(nsd-checkzone example.org "$tmp/zone" 2>&1 | sed -n 's/.*error: .*zone:6: //p')
by_dnspython=$(env -u LD_LIBRARY_PATH "$python" -c '
import sys
import dns.zone
zone = dns.zone.from_file(sys.argv[1], origin="example.org.", relativize=False)
print(*(str(name) for name, _, data in zone.iterate_rdatas("A")))' "$tmp/zone")
printf 'x behind $ORIGIN dev in example.org - BIND: %s - ldns: %s - nsd: %s\n' "$by_bind" "$by_ldns" "$by_nsd"
echo "names with addresses (of ns.example.org. and x) that dnspython finds: $by_dnspython"

[ "$by_bind $by_ldns $by_dnspython" = "x.dev.example.org. x.dev. ns.example.org." ] || verdict 1
[ "$by_nsd" = '$ORIGIN directive requires absolute domain name' ] || verdict 1
verdict 0
