#!/usr/bin/env bash
# Software: cloud-init 22.4.2 with systemd 252 and netplan.io 0.106 (Debian 12); the same in cloud-init's sources of August 2026.
# Expected: Nova leaves the MTU of a port with DHCP to DHCP: `mtu` is null in network_data.json (nova/virt/netutils.py). cloud-init's
#   renderers are to give the same network to a server, and DHCP's option 26 is asked for and taken, as netplan does: netplan(5) of
#   use-mtu: "Default: true".
# Seen: from such a file the renderer networkd writes DHCP=ipv4 and no UseMTU, and systemd.network(5) says of that: "Defaults to
#   false". A server that is offered 1442 keeps 1500. What netplan generates for networkd from cloud-init's netplan file says
#   UseMTU=true, and the same networkd, asked the same, takes 1442.
# Why: networkd.py writes UseMTU where a version 2 configuration has `use-mtu`, which version 1, made of OpenStack's data, cannot say.
# Hurts: images with networkd and without netplan on overlay networks: large packets are lost, or fragmented where the path allows it.
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

# within SECONDS COMMAND...: repeat the command until it succeeds, or fail at the deadline.
within() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $deadline ] || return 1
        sleep 0.1
    done
}

[ "$(id -u)" = 0 ] && id systemd-network >/dev/null 2>&1 || skip "takes root, and the user systemd-network"
cloudinit_unpack
debian systemd=252.39-1~deb12u2 netplan.io=0.106-2+deb12u1 libnetplan0=0.106-2+deb12u1 dnsmasq-base=2.90-4~deb12u2 \
    libyaml-0-2 libglib2.0-0 libuuid1 libpcre2-8-0 libdbus-1-3 libnftables1 libnftnl11 libxtables12 libmnl0 libjansson4 libedit2 \
    libbsd0 libmd0 libidn2-0 libunistring2 libnetfilter-conntrack3 libnfnetlink0 libnettle8 libhogweed6 libgmp10 libsystemd-shared \
    libseccomp2 libapparmor1 libcap2 libip4tc2 libkmod2 libmount1 libblkid1 libselinux1 libfdisk1 libaudit1 libcap-ng0 \
    libcrypt1 libgcrypt20 libgpg-error0 liblz4-1 liblzma5 libzstd1 libssl3 libacl1 libpam0g
export LD_LIBRARY_PATH="$LD_LIBRARY_PATH:$root/lib/$(uname -m)-linux-gnu/systemd:$root/usr/lib/$(uname -m)-linux-gnu/systemd"

cat >"$tmp/network_data.json" <<'JSON'
{"links": [{"id": "tap0", "vif_id": "v", "type": "ovs", "mtu": null, "ethernet_mac_address": "02:00:00:00:00:01"}],
 "networks": [{"id": "network0", "type": "ipv4_dhcp", "link": "tap0", "network_id": "n"}], "services": []}
JSON
convert network_data.json "$tmp/network_data.json" networkd
convert network_data.json "$tmp/network_data.json" netplan
direct=$(find "$tmp/out/networkd" -name '*.network')
planned=$tmp/plan/run/systemd/network/10-netplan-eth0.network
mkdir -p "$tmp/plan/etc/netplan"
cat "$tmp"/out/netplan/etc/netplan/*.yaml >"$tmp/plan/etc/netplan/50-cloud-init.yaml"
chmod 600 "$tmp/plan/etc/netplan/50-cloud-init.yaml"
"$root/usr/libexec/netplan/generate" --root-dir "$tmp/plan" 2>"$tmp/error" || skip "netplan: $(head -n 1 "$tmp/error")"

cat >"$tmp/inside.sh" <<'INSIDE'
# Run networkd with the file $1 until eth0 has a DHCP address; print the MTU of eth0. All mounts are this process's own.
mount -t tmpfs run /run && mount -o remount,ro /sys || exit 77
mkdir -p /run/systemd/network /run/systemd/netif/links /run/systemd/netif/leases
chown -R systemd-network /run/systemd/netif
sed 's/^MACAddress=.*/Name=eth0/; /^PermanentMACAddress=/d' "$1" >/run/systemd/network/10-file.network
chmod 644 /run/systemd/network/10-file.network
for program in "$root"/lib/systemd/systemd-networkd "$root"/usr/lib/systemd/systemd-networkd; do [ -x "$program" ] && break; done
"$program" >"$tmp/networkd.log" 2>&1 &
for _ in $(seq 200); do
    sleep 0.1
    ! ip -4 -o address show dev eth0 | grep -q "dynamic" || break
done
ip -4 -o address show dev eth0 | grep -q "dynamic" && cat /sys/class/net/eth0/mtu || echo "no address"
kill %1
wait
INSIDE
export tmp root
chmod 711 "$tmp" # networkd runs as another user
# served FILE: the MTU of a server that has this file, on a link whose DHCP server offers 1442.
served() {
    local mtu
    ip netns add "$id-server" && ip netns add "$id-guest" || skip "no network namespaces"
    ip link add link0 netns "$id-server" type veth peer name eth0 address 02:00:00:00:00:01 netns "$id-guest"
    ip -n "$id-server" address add 10.0.0.1/24 dev link0
    ip -n "$id-server" link set link0 up
    ip netns exec "$id-server" dnsmasq --keep-in-foreground --conf-file=/dev/null --user=root --port=0 --interface=link0 \
        --bind-interfaces --dhcp-range=10.0.0.10,10.0.0.20,1h --dhcp-option=26,1442 --dhcp-leasefile="$tmp/leases" \
        --pid-file="$tmp/dnsmasq.pid" >"$tmp/dnsmasq.log" 2>&1 &
    within 10 test -s "$tmp/dnsmasq.pid" || skip "dnsmasq does not start: $(tail -n 1 "$tmp/dnsmasq.log")"
    mtu=$(timeout 60 ip netns exec "$id-guest" unshare -m bash "$tmp/inside.sh" "$1" 2>"$tmp/inside.log") ||
        skip "networkd cannot run here: $(tail -n 1 "$tmp/inside.log")"
    kill "$(cat "$tmp/dnsmasq.pid")"
    wait
    rm -f "$tmp/dnsmasq.pid" "$tmp/leases"
    for namespace in $namespaces; do ip netns del "$namespace"; done
    echo "$mtu"
}
id=gman$$
namespaces="$id-server $id-guest"
for name in direct planned; do
    mtu=$(served "${!name}")
    said=$(grep -o 'UseMTU=.*' "${!name}" || echo "no UseMTU")
    echo "networkd's file by $([ $name = direct ] && echo cloud-init || echo "netplan, of cloud-init's"): $said, MTU $mtu of the 1442 offered"
    printf '%s %s\n' "$said" "$mtu" >>"$tmp/seen"
done
printf '%s\n' "no UseMTU 1500" "UseMTU=true 1442" | cmp -s - "$tmp/seen" || verdict 1
verdict 0
