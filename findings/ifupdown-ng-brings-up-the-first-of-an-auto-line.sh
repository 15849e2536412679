#!/usr/bin/env bash
# Software: ifupdown-ng 0.11.4~rc1 (Debian 12; its package provides ifupdown and takes its place), ifparse.
# Expected: interfaces(5) of ifupdown: "Physical interface names should follow the word "auto" on the same line", in the plural, and
#   ""allow-auto" and "auto" are synonyms". interfaces(5) of ifupdown-ng: "In most cases, syntax from legacy implementations is
#   supported as well".
# Seen: `auto eth0 eth1` makes eth0 alone automatic. `allow-auto eth2` becomes an option of eth0, with an executor
#   `allow` that does not exist. eth1 and eth2 stay down at boot; there is no message, and the exit status is 0.
# Why: the parser takes one word behind `auto`, and a keyword that it does not know for an option of the last interface.
# Hurts: machines that were moved to it with their old file: after the next boot the second interface is missing.
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

debian ifupdown-ng=0.11.4~rc1-1+b2
cat >"$tmp/interfaces" <<'ENI'
auto eth0 eth1
allow-auto eth2
iface eth0 inet static
    address 10.0.0.5/24
iface eth1 inet static
    address 10.0.1.5/24
iface eth2 inet static
    address 10.0.2.5/24
ENI
ln -sf ifupdown "$root/sbin/ifparse"
"$root/sbin/ifparse" -i "$tmp/interfaces" -A -F ifupdown >"$tmp/out" 2>"$tmp/error" || skip "ifparse: $(head -n 1 "$tmp/error")"
cat "$tmp/out" "$tmp/error"
[ "$(grep '^auto' "$tmp/out" | tr '\n' ' ')" = "auto lo auto eth0 " ] && [ ! -s "$tmp/error" ] || verdict 1
[ "$(grep -c '^iface eth[012]$' "$tmp/out")" = 3 ] || verdict 1
verdict 0
