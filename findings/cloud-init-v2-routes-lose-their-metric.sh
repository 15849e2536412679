#!/usr/bin/env bash
# Software: cloud-init 22.4.2 (Debian 12), renderers networkd, eni, sysconfig and network-manager; mended upstream since.
# Expected: its page "Networking config Version 2" says of routes: "Each mapping includes a to, via key [...] metric is an
#   optional value", with "metric: 3" in the example. Version 1 has the metric too, and the formats of all renderers have it.
# Seen: from version 1 networkd, eni and sysconfig write metric 333; from version 2, which says the same, none does. The
#   renderer network-manager writes neither metric, and netplan both, as its YAML is passed through.
# Why: network_state.py makes a v1 route of `to` and `via`, and of no other key.
# Hurts: servers with two ways out: both routes get the same metric on images without netplan, and either may win.
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
cat >"$tmp/v1.yaml" <<'YAML'
version: 1
config:
- type: physical
  name: eth0
  subnets:
  - type: static
    address: 10.0.0.5/24
    routes: [{network: 10.9.0.0, netmask: 255.255.0.0, gateway: 10.0.0.1, metric: 333}]
YAML
cat >"$tmp/v2.yaml" <<'YAML'
version: 2
ethernets:
  eth0: {addresses: [10.0.0.5/24], routes: [{to: 10.9.0.0/16, via: 10.0.0.1, metric: 333}]}
YAML

for renderer in netplan networkd eni sysconfig network-manager; do
    seen=""
    for version in v1 v2; do
        rm -rf "$tmp/out"
        convert yaml "$tmp/$version.yaml" "$renderer"
        seen="$seen $version:$(grep -rq 333 "$tmp/out" && echo yes || echo no)"
    done
    echo "metric written by $renderer:$seen"
    case $renderer in
        netplan) [ "$seen" = " v1:yes v2:yes" ] || verdict 1 ;;
        network-manager) [ "$seen" = " v1:no v2:no" ] || verdict 1 ;;
        *) [ "$seen" = " v1:yes v2:no" ] || verdict 1 ;;
    esac
done
verdict 0
