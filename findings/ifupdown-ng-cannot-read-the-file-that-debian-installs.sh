#!/usr/bin/env bash
# Software: ifupdown-ng 0.11.4~rc1 (Debian 12; its package provides ifupdown and takes its place), ifparse.
# Expected: interfaces(5) of ifupdown on `source`: "Shell wildcards can be used", and "By default, on a freshly
#   installed Debian system, the interfaces file includes a line to source files in the /etc/network/interfaces.d
#   directory", which is `source .../*`. From source-directory only files are read whose names are "ASCII upper- and
#   lower-case letters, ASCII digits, ASCII underscores, and ASCII minus-hyphens", so that eth0.bak and eth0.dpkg-old
#   are not.
# Seen: "could not parse" of the whole file, for a wildcard that matches and for one that does not; no line number. With
#   source-directory instead, the backup's address is configured beside the right one.
# Why: the name is opened as it is, and a directory's files are all read, whatever their names.
# Hurts: Debian systems on which it is installed over ifupdown, as the package allows: no interface comes up but lo.
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
mkdir "$tmp/interfaces.d"
printf '%s\n' 'auto eth0' 'iface eth0 inet static' '    address 10.0.0.5/24' >"$tmp/interfaces.d/eth0"
sed 's/10.0.0.5/10.0.0.4/' "$tmp/interfaces.d/eth0" >"$tmp/interfaces.d/eth0.bak"
ln -sf ifupdown "$root/sbin/ifparse"
# read_by LINE: how ifparse reads a file of this line, in one.
read_by() {
    printf '%s\n' "$1" 'auto lo' 'iface lo inet loopback' >"$tmp/interfaces"
    "$root/sbin/ifparse" -i "$tmp/interfaces" -A -F ifupdown >"$tmp/out" 2>&1 || :
    sed -n -e "s|$tmp/||" -e '/address\|could not/p' "$tmp/out" | sort | tr -s ' ' | tr '\n' ';'
}
one=$(read_by "source $tmp/interfaces.d/eth0")
all=$(read_by "source $tmp/interfaces.d/*")
directory=$(read_by "source-directory $tmp/interfaces.d")
printf 'source eth0: %s\nsource *: %s\nsource-directory: %s\n' "$one" "$all" "$directory"
[ "$one" = " address 10.0.0.5/24;" ] || skip "ifparse does not run"
[ "$all" = "ifparse: could not parse interfaces;" ] && [ "$directory" = " address 10.0.0.4/24; address 10.0.0.5/24;" ] || verdict 1
verdict 0
