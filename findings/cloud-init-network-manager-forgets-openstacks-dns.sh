#!/usr/bin/env bash
# Software: cloud-init 22.4.2 (Debian 12), renderer network-manager; mended upstream since.
# Expected: a name server in `services` of OpenStack's network_data.json, for a port with a static address, ends in the guest's
#   resolver; the other renderers (netplan, networkd, eni, sysconfig) write it.
# Seen: the NetworkManager profile has address and route and no `dns=`; 10.9.9.9 is in no file at all.
# Why: the converter makes a global name server of each service, and network_manager.py reads those of the subnets alone.
# Hurts: guests on a network without DHCP (config drive, `enable_dhcp: false`) whose image has NetworkManager, such as RHEL's
#   and Fedora's: they reach everything and can look up nothing.
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
cat >"$tmp/network_data.json" <<'JSON'
{"links": [{"id": "tap1", "type": "ovs", "ethernet_mac_address": "02:00:00:00:00:01", "mtu": 1442}],
 "networks": [{"id": "network0", "type": "ipv4", "link": "tap1", "ip_address": "192.168.1.5", "netmask": "255.255.255.0",
   "routes": [{"network": "0.0.0.0", "netmask": "0.0.0.0", "gateway": "192.168.1.1"}],
   "services": [{"type": "dns", "address": "10.9.9.9"}]}],
 "services": [{"type": "dns", "address": "10.9.9.9"}]}
JSON

for renderer in netplan networkd eni sysconfig network-manager; do
    convert network_data.json "$tmp/network_data.json" "$renderer"
    grep -rq '192.168.1.5' "$tmp/out/$renderer" || verdict 1
    seen=$(grep -rq '10\.9\.9\.9' "$tmp/out/$renderer" && echo yes || echo no)
    echo "10.9.9.9 written by $renderer: $seen"
    case "$renderer $seen" in "network-manager no") ;; network-manager* | *no) verdict 1 ;; esac
done
verdict 0
