#!/usr/bin/env bash
# Software: nsd 4.6.1 (nsd-checkzone), beside dnspython 2.7.0.
# Expected: RFC 1035, 5.1: "Omitted class and TTL values are default to the last explicitly stated values"; RFC 2308, 4 adds
#   $TTL for those "after" it and changes nothing where there is none.
# Seen: in a zone without $TTL, whose records have the TTL 60 or none, nsd serves those without one for 3600 seconds.
#   dnspython reads 60, as RFC 1035 has it. No warning is given.
# Why: nsd starts with a default of 3600 and changes it by $TTL alone.
# Hurts: zone files that leave out repeated TTLs, moved from one server to another: short-lived addresses are kept an hour by
#   every resolver.
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

debian nsd=4.6.1-1 libevent-2.1-7 libssl3 libfstrm0 libprotobuf-c1
pypi dnspython==2.7.0
cat >"$tmp/zone" <<'ZONE'
$ORIGIN example.org.
@    60 IN SOA ns hostmaster 1 3600 900 604800 60
        IN NS  ns
ns   60 IN A   10.0.0.1
vm      IN A   10.0.0.2
ZONE
by_nsd=$(nsd-checkzone -p example.org "$tmp/zone" | awk '$1 ~ /^vm/ { print $2 }')
by_dnspython=$(env -u LD_LIBRARY_PATH "$python" -c '
import sys
import dns.zone
print(dns.zone.from_file(sys.argv[1]).get_rdataset("vm", "A").ttl)' "$tmp/zone")
echo "TTL of vm, that says none, after records that say 60 - nsd: $by_nsd - dnspython: $by_dnspython"

[ "$by_nsd $by_dnspython" = "3600 60" ] || verdict 1
verdict 0
