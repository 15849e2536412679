#!/usr/bin/env bash
# Software: cloud-init 22.4.2 (Debian 12), renderer eni, for /etc/network/interfaces of ifupdown; mended upstream since.
# Expected: interfaces(5) has lines of an option and its value; `dns-nameservers` and `dns-search` are those of resolvconf.
# Seen: version 2's `nameservers` are written twice, right and as
#     dns {'nameservers': ['192.168.1.53'], 'search': ['a.example']}
#   and `accept-ra: false` as `accept_ra 0` in the IPv4 stanza, where ifupdown hands it to nobody. The cost of a bridge's port
#   is lost: `bridge_pathcost eth1` names the port and has no number.
# Why: eni.py writes every key of an interface that is not on a list of exceptions, whatever the value is.
# Hurts: images with ifupdown: each `ifup` runs its scripts with IF_DNS="{'nameservers': ...", accept_ra stays as the kernel
#   has it, and the port's cost too.
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
# Sourced after common.sh: cloud-init 22.4.2 of Debian 12, for its conversions of network configurations alone.
cloudinit_unpack() {
    debian cloud-init=22.4.2-1+deb12u4
    pypi PyYAML==6.0.2 requests==2.32.3 jsonpatch==1.33 configobj==5.0.9
}
# convert KIND FILE RENDERER: the files that this renderer writes for eth0 (02:00:00:00:00:01) are in $tmp/out/RENDERER afterwards.
convert() {
    local distro=debian
    [ "$3" != sysconfig ] || distro=rhel
    PYTHONPATH=$root/usr/lib/python3/dist-packages "$python" -B -W ignore -m cloudinit.cmd.devel.net_convert \
        -k "$1" -p "$2" -D "$distro" -O "$3" -d "$tmp/out/$3" -m eth0,02:00:00:00:00:01 >"$tmp/convert.log" 2>&1 || {
        cat "$tmp/convert.log" >&2
        exit 1
    }
}

cloudinit_unpack
cat >"$tmp/v2.yaml" <<'YAML'
version: 2
ethernets:
  eth0: {dhcp4: true, dhcp6: true, accept-ra: false, nameservers: {addresses: [192.168.1.53], search: [a.example]}}
  eth1: {}
bridges: {br0: {interfaces: [eth1], dhcp4: true, parameters: {path-cost: {eth1: 50}}}}
YAML
convert yaml "$tmp/v2.yaml" eni
interfaces=$tmp/out/eni/etc/network/interfaces.d/50-cloud-init
grep -v '^#' "$interfaces"

grep -q "^    dns {'nameservers': \['192.168.1.53'\], 'search': \['a.example'\]}$" "$interfaces" || verdict 1
sed -n '/^iface eth0 inet dhcp/,/^$/p' "$interfaces" | grep -q accept_ra || verdict 1
! sed -n '/^iface eth0 inet6/,/^$/p' "$interfaces" | grep -q accept_ra || verdict 1
grep -q '^    bridge_pathcost eth1$' "$interfaces" || verdict 1
verdict 0
