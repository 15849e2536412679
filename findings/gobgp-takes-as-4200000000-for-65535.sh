#!/usr/bin/env bash
# Software: gobgpd 3.10.0 (Debian 12), gobgp and gobgpd.
# Expected: a route distinguisher or target with an AS number of four octets (RFC 4364, 4.2, type 2; RFC 5668) is taken in the usual
#   decimal form, "asplain" of RFC 5396, as each route's AS path is; or refused. gobgp names the forms "xxx:yyy" and "xxx.xxx:yyy".
# Seen: `rd 4200000000:5 rt 4200000000:7` is taken, with exit status 0, as 65535:5 and 65535:7; so is the rd of a VRF in the
#   configuration file. Two customers with the numbers 4200000000 and 4200000001 have one and the same route, and the later
#   one replaces the first. As 64086.59904 (asdot) it is right, and shown so; 4200000000 in an AS path is right too.
# Why: ParseRouteDistinguisher and ParseRouteTarget read a number without a dot with 16 bits, and the error of a higher one is thrown
#   away; what comes with it is the highest number there is.
# Hurts: VPNs of operators with a private AS number of RFC 6996: their routes reach whoever imports 65535:7, and those of other
#   customers with such a number are overwritten.
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

debian gobgpd=3.10.0-1+b4
[ "$(id -u)" = 0 ] && unshare -n true 2>/dev/null || skip "a network namespace (root) is needed"
cat >"$tmp/gobgpd.toml" <<'TOML'
[global.config]
  as = 4200000000
  router-id = "192.0.2.1"
  port = -1
[[vrfs]]
  [vrfs.config]
    name = "red"
    id = 1
    rd = "4200000000:9"
    both-rt-list = ["64500:9"]
TOML
cat >"$tmp/inside.sh" <<'INSIDE'
set -eu
ip link set lo up
gobgpd -f "$tmp/gobgpd.toml" --api-hosts 127.0.0.1:50051 >"$tmp/log" 2>&1 &
server=$!
trap 'kill $server; wait $server 2>/dev/null || :' EXIT
deadline=$((SECONDS + 20))
until gobgp global >/dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || exit 77
    sleep 0.1
done
# added PREFIX VALUES...: add a VPN route; print the distinguisher and prefix, AS path and route target that it has.
added() {
    gobgp global rib -a vpnv4 add "$@"
    gobgp global rib -a vpnv4 |
        sed -n "s|^\*> \([^ ]*:$1\) .*0\.0\.0\.0 *\([0-9]*\) .*Extcomms: \(.*\)}\].*|rd $5 rt $7: \1 path \2 target \3|p"
}
added 10.0.1.0/24 label 10 rd 64500:5 rt 64500:7 aspath 4200000002
added 10.0.2.0/24 label 10 rd 64086.59904:5 rt 64086.59904:7 aspath 4200000002
added 10.0.3.0/24 label 10 rd 4200000000:5 rt 4200000000:7 aspath 4200000002
added 10.0.3.0/24 label 10 rd 4200000001:5 rt 4200000001:7 aspath 4200000003
echo "routes to 10.0.3.0/24: $(gobgp global rib -a vpnv4 | grep -c 10.0.3.0/24)"
echo "VRF of the file: $(gobgp vrf | awk '$1 == "red" { print $2 }')"
INSIDE
export tmp
unshare -n bash "$tmp/inside.sh" >"$tmp/seen" && status=0 || status=$?
[ "$status" != 77 ] || skip "gobgpd does not start: $(tail -n 1 "$tmp/log")"
cat "$tmp/seen"
cmp -s "$tmp/seen" - <<'SEEN' || verdict 1
rd 64500:5 rt 64500:7: 64500:5:10.0.1.0/24 path 4200000002 target [64500:7]
rd 64086.59904:5 rt 64086.59904:7: 64086.59904:5:10.0.2.0/24 path 4200000002 target [64086.59904:7]
rd 4200000000:5 rt 4200000000:7: 65535:5:10.0.3.0/24 path 4200000002 target [65535:7]
rd 4200000001:5 rt 4200000001:7: 65535:5:10.0.3.0/24 path 4200000003 target [65535:7]
routes to 10.0.3.0/24: 1
VRF of the file: 65535:9
SEEN
verdict 0
