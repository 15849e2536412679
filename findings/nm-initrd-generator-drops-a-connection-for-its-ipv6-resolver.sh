#!/usr/bin/env bash
# Software: nm-initrd-generator of NetworkManager 1.42.4 (Debian 12), which takes over dracut's ip= when NetworkManager is in the initrd.
# Expected: dracut.cmdline(7): "ip=<client-IP>:[<peer>]:<gateway-IP>:<netmask>:<client_hostname>:<interface>:none[:[<dns1>][:<dns2>]]";
#   "If you want do define a IPv6 address, put it in brackets". A resolver is asked over whatever reaches it: an IPv4 host may
#   name an IPv6 one that another interface reaches; at worst it is left out.
# Seen: with an IPv6 address as dns2 the whole connection is left out, address and gateway too: "ipv6.dns: this property
#   is not allowed for 'method=disabled'", and exit status 0. With nameserver=, which means the same, only the resolver
#   is left out, silently. An IPv4 resolver of an IPv6 host also loses the connection.
# Why: ip= adds the resolver to the family whose method it has just set to disabled; the profile is then checked and skipped.
# Hurts: machines that boot from the network: they stay in the initrd without an address for one resolver too many.
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

debian network-manager=1.42.4-1+deb12u1 libnm0=1.42.4-1+deb12u1
generate() {
    "$root/usr/lib/NetworkManager/nm-initrd-generator" --stdout --sysfs-dir "$tmp/sys" --initrd-data-dir "$tmp/data" -- "$@" \
        >"$tmp/out" 2>&1 || skip "nm-initrd-generator: $(head -n 1 "$tmp/out")"
    seen=$(grep -E '^(address1|dns)=|not allowed' "$tmp/out" | tr '\n' ' ')
    printf '%s\n    %s\n' "$*" "$seen"
}
static=ip=10.0.0.5::10.0.0.1:255.255.255.0::eth0:none

generate "$static:10.0.0.53"
[ "$seen" = "address1=10.0.0.5/24,10.0.0.1 dns=10.0.0.53; " ] || verdict 1
generate "$static:10.0.0.53:[2001:db8::53]"
[ "$seen" = "ipv6.dns: this property is not allowed for 'method=disabled' " ] || verdict 1
generate "$static:10.0.0.53" "nameserver=[2001:db8::53]"
[ "$seen" = "address1=10.0.0.5/24,10.0.0.1 dns=10.0.0.53; " ] || verdict 1
generate "ip=[2001:db8::5]::[2001:db8::1]:64::eth0:none:10.0.0.53"
[ "$seen" = "ipv4.dns: this property is not allowed for 'method=disabled' " ] || verdict 1
verdict 0
