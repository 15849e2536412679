#!/usr/bin/env bash
# Software: cloud-init 22.4.2 (Debian 12), renderer networkd; mended upstream since.
# Expected: version 2 has bonds, bridges and vlans as device types, and networkd is one of the renderers it is written for;
#   systemd.netdev(5) makes such devices of a .netdev file, and Bond=, Bridge=, VLAN= in a .network file join them.
# Seen: only .network files are written. That of bond0 has its address, but no file makes bond0, and eth0's file does
#   not name bond0; br0 and vlan7 are the same. The exit status is 0, and no warning is logged. The sysconfig renderer
#   writes all of it.
# Why: networkd.py renders each interface alike, by name, with addresses and routes; it knows no kinds of device.
# Hurts: images with networkd and without netplan: a server whose address is on a bond or VLAN comes up without a network.
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
ethernets: {eth0: {}, eth1: {}}
bonds: {bond0: {interfaces: [eth0], addresses: [10.0.0.5/24], parameters: {mode: active-backup}}}
bridges: {br0: {interfaces: [eth1], addresses: [10.1.0.5/24]}}
vlans: {vlan7: {id: 7, link: bond0, addresses: [10.7.0.5/24]}}
YAML
convert yaml "$tmp/v2.yaml" networkd
convert yaml "$tmp/v2.yaml" sysconfig

cd "$tmp/out"
echo "networkd: $(find networkd -name '*.net*' -type f -printf '%f ')"
echo "lines that make or join a device: $(grep -rlE '^(Kind|Bond|Bridge|VLAN)=' networkd | wc -l)"
echo "sysconfig: $(grep -rhE '^(MASTER|BRIDGE|VLAN|BONDING_OPTS)=' sysconfig | tr '\n' ' ')"

[ -z "$(find networkd -name '*.netdev')" ] && ! grep -rqE '^(Kind|Bond|Bridge|VLAN)=' networkd || verdict 1
grep -q '^Address=10.0.0.5/24' networkd/etc/systemd/network/10-cloud-init-bond0.network || verdict 1
grep -rq '^MASTER=bond0' sysconfig && grep -rq '^VLAN=yes' sysconfig && grep -rq '^BRIDGE=br0' sysconfig || verdict 1
verdict 0
