#!/usr/bin/env bash
# Software: cloud-init 22.4.2 with net-tools 2.10 and ifupdown 0.8.41 (Debian 12), network_data.json; in the sources of August 2026
#   the line says `ip -family inet6 route add default via`, without the device too.
# Expected: a subnet's gateway may be a link-local address (Neutron takes it, and by RFC 4291 each router has one). Such an address
#   means something on one link alone, and the file names the link. The other renderers write it for eth0: in a [Route] of networkd,
#   in netplan's eth0 and in a profile of network-manager; ifupdown's own `gateway fe80::1` becomes `... dev eth0 onlink`.
# Seen: the renderer eni writes `post-up route add -A inet6 default gw fe80::1 || true`, and a host route in the same way. Both fail
#   with "Invalid argument", `|| true` makes that a success, and the server has no way out over IPv6. With ifupdown's
#   `gateway`, which eni writes for the same address in a version 1 configuration, the default route is there.
# Why: Renderer._render_route() knows the route and not its interface.
# Hurts: servers with a fixed IPv6 address and Debian's ifupdown, on a subnet whose gateway_ip is fe80::1.
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
debian net-tools=2.10-0.1+deb12u2 ifupdown=0.8.41
cat >"$tmp/network_data.json" <<'JSON'
{"links": [{"id": "tap0", "vif_id": "v", "type": "ovs", "mtu": 1442, "ethernet_mac_address": "02:00:00:00:00:01"}],
 "networks": [{"id": "network0", "type": "ipv6", "link": "tap0", "network_id": "n", "ip_address": "2001:db8:2::5/64",
   "routes": [{"network": "::", "netmask": "::", "gateway": "fe80::1"},
              {"network": "2001:db8:9::", "netmask": "ffff:ffff:ffff::", "gateway": "fe80::2"}]}], "services": []}
JSON
cat >"$tmp/v1.yaml" <<'YAML'
version: 1
config:
- {type: physical, name: eth0, subnets: [{type: static6, address: "2001:db8:2::5/64", gateway: "fe80::1"}]}
YAML

# routes_of FILE: run what ifup would for the routes of this file, where eth0 has the address; print statuses, messages and routes.
routes_of() {
    local line status
    ip netns add "$id" || skip "no network namespaces"
    ip link add eth0 netns "$id" type veth peer name other netns "$id"
    ip -n "$id" link set other up
    ip -n "$id" link set eth0 up
    ip -n "$id" address add 2001:db8:2::5/64 dev eth0 nodad
    ifup --no-act --verbose --force --no-scripts --state-dir="$tmp/state" --interfaces="$1" eth0 2>&1 | grep -E 'route (add|replace)' >"$tmp/commands"
    while read -r line; do
        status=0
        ip netns exec "$id" sh -c "$line" >"$tmp/message" 2>&1 </dev/null || status=$?
        echo "$line: status $status $(paste -sd ' ' "$tmp/message")"
    done <"$tmp/commands"
    echo "routes by a gateway: $(ip -n "$id" -6 route | grep -o '.* via [^ ]* dev [^ ]*' | paste -sd ',')"
    ip netns del "$id"
}
id=gman$$
namespaces=$id
mkdir -p "$tmp/state"
for name in network_data v1; do
    rm -rf "$tmp/out"
    kind=yaml source=$tmp/v1.yaml
    [ $name = v1 ] || kind=network_data.json source=$tmp/network_data.json
    convert "$kind" "$source" eni
    find "$tmp/out/eni" -type f ! -name '*.rules' -exec cat {} + >"$tmp/interfaces"
    echo "$name:"
    routes_of "$tmp/interfaces" | tee "$tmp/$name.seen"
done
bound=""
convert network_data.json "$tmp/network_data.json" networkd
for gateway in fe80::1 fe80::2; do
    bound="$bound $(grep -rhc "^Gateway=$gateway$" "$tmp/out/networkd")"
done
echo "in networkd's file of eth0:$bound"

[ "$(grep -c '|| true: status 0 SIOCADDRT: Invalid argument$' "$tmp/network_data.seen")" = 2 ] || verdict 1
grep -q '^routes by a gateway: $' "$tmp/network_data.seen" || verdict 1
grep -q '^routes by a gateway: default via fe80::1 dev eth0$' "$tmp/v1.seen" || verdict 1
[ "$bound" = " 1 1" ] || verdict 1
verdict 0
