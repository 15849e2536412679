#!/usr/bin/env bash
# Software: cloud-init 22.4.2 (Debian 12), renderer network-manager; mended upstream since.
# Expected: an `ipv6` entry of network_data.json is a fixed address, and cloud-init makes accept-ra false of it: sysconfig writes
#   IPV6_AUTOCONF=no, and a version 2 configuration with the same address method=manual, "static IP addresses should be used" in
#   nm-settings(5), where auto takes what routers advertise.
# Seen: from network_data.json, and from version 1's `static6`, the profile says method=auto beside the address; may-fail=true, too,
#   where version 2 has false. IPv4's `static` is manual in all three.
# Why: the renderer's table of methods has `static` and no `static6`; what it does not know is auto.
# Hurts: servers on a subnet whose routers are not Neutron's: addresses and default routes of any advertisement are added, and with
#   port security what leaves by those addresses is dropped.
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
{"links": [{"id": "tap0", "vif_id": "v", "type": "ovs", "mtu": 1442, "ethernet_mac_address": "02:00:00:00:00:01"}],
 "networks": [
   {"id": "network0", "type": "ipv4", "link": "tap0", "network_id": "n", "ip_address": "10.0.0.5", "netmask": "255.255.255.0", "routes": []},
   {"id": "network1", "type": "ipv6", "link": "tap0", "network_id": "n", "ip_address": "2001:db8:2::5/64", "routes": []}], "services": []}
JSON
cat >"$tmp/v1.yaml" <<'YAML'
version: 1
config:
- {type: physical, name: eth0, accept-ra: false,
   subnets: [{type: static, address: 10.0.0.5/24}, {type: static6, address: "2001:db8:2::5/64"}]}
YAML
cat >"$tmp/v2.yaml" <<'YAML'
version: 2
ethernets: {eth0: {accept-ra: false, addresses: [10.0.0.5/24, "2001:db8:2::5/64"]}}
YAML
# section NAME: address, method and may-fail of this section of the profile, in one line.
section() {
    find "$tmp/out/network-manager" -name '*.nmconnection' -exec cat {} + | sed -n "/^\[$1\]/,/^\[/p" |
        grep -E '^(method|may-fail|address1)=' | sort | paste -sd ' '
}
for name in network_data.json v1.yaml v2.yaml; do
    rm -rf "$tmp/out"
    kind=yaml
    [ $name != network_data.json ] || kind=network_data.json
    convert "$kind" "$tmp/$name" network-manager
    line="$(section ipv4); $(section ipv6)"
    echo "$name: $line"
    echo "$line" >>"$tmp/seen"
done
rm -rf "$tmp/out"
convert network_data.json "$tmp/network_data.json" sysconfig
autoconf=$(grep -rh '^IPV6_AUTOCONF=' "$tmp/out/sysconfig" | sort -u)
echo "sysconfig: $autoconf"

four="address1=10.0.0.5/24 may-fail=false method=manual; address1=2001:db8:2::5/64"
printf '%s\n' "$four may-fail=true method=auto" "$four may-fail=true method=auto" "$four may-fail=false method=manual" |
    cmp -s - "$tmp/seen" || verdict 1
[ "$autoconf" = IPV6_AUTOCONF=no ] || verdict 1
verdict 0
