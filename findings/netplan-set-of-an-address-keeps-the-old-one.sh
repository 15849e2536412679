#!/usr/bin/env bash
# Software: netplan.io 0.106 (Debian 12), netplan set.
# Expected: netplan-set(8): it "writes a given key/value pair or YAML subtree", "a single value" such as
#   ethernets.eth0.addresses=[1.2.3.4/24, 5.6.7.8/24]. What was set is what the key is afterwards, as for mtu.
# Seen: eth0 has 192.0.2.5/24 and the resolver 192.0.2.53. After `netplan set ethernets.eth0.addresses=[198.51.100.5/24]` it has both
#   addresses, and after `nameservers.addresses=[192.0.2.54]` both resolvers, the old ones first; the exit status is 0. With
#   `routes=[{to: default, via: 192.0.2.9}]` it has two default routes, which netplan itself calls conflicting, with exit status 0.
#   To change a list one has to set it to null first.
# Why: what is to be set is parsed behind the files there are, as one more file is, and sequences of several files are joined.
# Hurts: servers that get a new fixed address, resolver or gateway by `netplan set`: the old one stays, and for DNS and replies it
#   comes first.
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

debian netplan.io=0.106-2+deb12u1 libnetplan0=0.106-2+deb12u1 libyaml-0-2 libglib2.0-0 libuuid1 libpcre2-8-0
pypi PyYAML==6.0.2 rich==14.0.0
# Other commands of netplan want these; `set` and `get` use nothing of them.
mkdir -p "$tmp/stubs" "$tmp/system/etc/netplan"
touch "$tmp/stubs/dbus.py" "$tmp/stubs/netifaces.py"
netplan() {
    PYTHONPATH="$root/usr/share/netplan:$tmp/stubs" "$python" -c '
import ctypes.util
import sys

find = ctypes.util.find_library
ctypes.util.find_library = lambda name: "libnetplan.so.0.0" if name == "netplan" else find(name)
from netplan import Netplan

sys.argv[0] = "netplan"
Netplan().main()' "$1" --root-dir "$tmp/system" "$2"
}
file=$tmp/system/etc/netplan/50-server.yaml
# changed KEY VALUE: what the key is after `netplan set`, where it was another before.
changed() {
    local status=0
    cat >"$file" <<'YAML'
network:
  version: 2
  ethernets:
    eth0:
      mtu: 1500
      addresses: [192.0.2.5/24]
      nameservers: {addresses: [192.0.2.53]}
      routes: [{to: default, via: 192.0.2.1}]
YAML
    chmod 600 "$file"
    netplan set "ethernets.eth0.$1=$2" >"$tmp/said" 2>&1 || status=$?
    echo "$1=$2: status $status, $(netplan get "ethernets.eth0.$1" 2>/dev/null | paste -sd ' ' | tr -s ' "' ' ' | sed 's/ $//')"

    sed -n 's/^Error: /    /p' "$tmp/said"
}
{
    changed mtu 1442
    changed addresses "[198.51.100.5/24]"
    changed nameservers.addresses "[192.0.2.54]"
    changed routes "[{to: default, via: 192.0.2.9}]"
} | tee "$tmp/seen"
cmp -s "$tmp/seen" - <<'SEEN' || verdict 1
mtu=1442: status 0, 1442
addresses=[198.51.100.5/24]: status 0, - 192.0.2.5/24 - 198.51.100.5/24
nameservers.addresses=[192.0.2.54]: status 0, - 192.0.2.53 - 192.0.2.54
routes=[{to: default, via: 192.0.2.9}]: status 0, - to: default via: 192.0.2.1 - to: default via: 192.0.2.9
    Conflicting default route declarations for IPv4 (table: main, metric: default), first declared in eth0 but also in eth0
SEEN
verdict 0
