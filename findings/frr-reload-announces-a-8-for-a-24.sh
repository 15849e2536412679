#!/usr/bin/env bash
# Software: FRR 8.4.4 (Debian 12), frr-reload.py and bgpd.
# Expected: bgpd takes `network <A.B.C.D/M|A.B.C.D [mask A.B.C.D]>`, and with a file that says `network 10.1.0.0 mask 255.255.0.0` and
#   `network 192.168.1.0` announces 10.1.0.0/16 and 192.168.1.0/24 (without a mask the class decides). FRR's manual: frr-reload.py
#   "attempts to determine what changes are necessary to move a running configuration to a new one".
# Seen: by frr-reload.py the same file becomes `network 10.0.0.0/8  mask 255.255.0.0`, which is "Unknown command", and
#   `network 192.0.0.0/8`: one network is not announced, and instead of 192.168.1.0/24 the other is 192.0.0.0/8.
# Why: Config.save_contexts puts /8 behind any network without a slash, as "with no prefixlen, BGP treats the prefixlen
#   as 8", whatever its class and whether or not a mask follows.
# Hurts: anyone who reloads FRR (`systemctl reload frr` runs this) with a file in the classful form that Cisco's is: the
#   router attracts the traffic of a foreign /8; after a restart with the same file it does not.
set -eu

tmp=$(mktemp -d)
root=$tmp/root
export HOME=$tmp PYTHONDONTWRITEBYTECODE=1
stop() {
    for file in "$tmp"/*.pid; do [ -e "$file" ] && kill "$(cat "$file")" 2>/dev/null || :; done
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

debian frr=8.4.4-* frr-pythontools=8.4.4-* libyang2 libjson-c5 libcap2 libreadline8 libprotobuf-c1 libc-ares2 libpcre2-8-0
export LD_LIBRARY_PATH="$root/usr/lib/$(uname -m)-linux-gnu/frr:$LD_LIBRARY_PATH"
[ "$(id -u)" = 0 ] && unshare -m -n true 2>/dev/null || skip "namespaces (root) are needed"

# bgpd wants the user and groups of its package: the namespace has them in its own /etc/passwd and /etc/group.
chmod 755 "$tmp"
mkdir "$tmp/vty"
chown 64990:64990 "$tmp/vty"
{ cat /etc/passwd; echo "frr:x:64990:64990::/nonexistent:/bin/false"; } >"$tmp/passwd"
{ cat /etc/group; printf 'frr:x:64990:\nfrrvty:x:64991:frr\n'; } >"$tmp/group"
echo "username root nopassword" >"$tmp/vtysh.conf"
echo "router bgp 64500" >"$tmp/old.conf"
cat >"$tmp/new.conf" <<'CONF'
router bgp 64500
 no bgp network import-check
 address-family ipv4 unicast
  network 10.1.0.0 mask 255.255.0.0
  network 172.16.0.0/12
  network 192.168.1.0
 exit-address-family
exit
CONF
cat >"$tmp/inside.sh" <<'INSIDE'
set -eu
mount --bind "$tmp/passwd" /etc/passwd
mount --bind "$tmp/group" /etc/group
ip link set lo up
# started FILE: start bgpd with this file, and wait until it answers.
started() {
    "$root/usr/lib/frr/bgpd" -d -f "$1" -i "$tmp/vty/bgpd.pid" --vty_socket "$tmp/vty" -P 0 -p 0 -Z -A 127.0.0.1 \
        >"$tmp/start" 2>&1 || exit 77
    deadline=$((SECONDS + 20))
    until announced >/dev/null 2>&1; do
        [ $SECONDS -lt $deadline ] || exit 77
        sleep 0.1
    done
}
announced() { vtysh --vty_socket "$tmp/vty" --config_dir "$tmp" -c "show running-config" 2>/dev/null | grep -E '^router bgp|^  network'; }
networks() { announced | sed -n 's/^  network //p' | paste -sd ' '; }
stopped() {
    pid=$(cat "$tmp/vty/bgpd.pid" 2>/dev/null) || return 0
    kill "$pid" 2>/dev/null || :
    for _ in $(seq 100); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    rm -f "$tmp"/vty/*
}
trap stopped EXIT
started "$tmp/new.conf"
echo "bgpd with this file: $(networks)"
stopped
started "$tmp/old.conf"
python3 "$root/usr/lib/frr/frr-reload.py" --reload --bindir "$root/usr/bin" --confdir "$tmp" --rundir "$tmp" --vty_socket "$tmp/vty" \
    "$tmp/new.conf" >"$tmp/reload" 2>&1 || :
sed -n 's/^line [0-9]*: //p' "$tmp/reload" | sort -u
echo "frr-reload.py with this file: $(networks)"
INSIDE
export tmp root
unshare -m -n bash "$tmp/inside.sh" >"$tmp/seen" && status=0 || status=$?
[ "$status" != 77 ] || skip "bgpd does not start: $(tail -n 1 "$tmp/start")"
cat "$tmp/seen"
cmp -s "$tmp/seen" - <<'SEEN' || verdict 1
bgpd with this file: 10.1.0.0/16 172.16.0.0/12 192.168.1.0/24
% Unknown command[28]:   network 10.0.0.0/8  mask 255.255.0.0
frr-reload.py with this file: 172.16.0.0/12 192.0.0.0/8
SEEN
verdict 0
