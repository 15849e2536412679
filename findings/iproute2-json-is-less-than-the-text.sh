#!/usr/bin/env bash
# Software: iproute2 6.1.0 (Debian 12), ip and tc.
# Expected: ip(8): "Output results in JavaScript Object Notation (JSON)"; tc(8): "Display results in JSON format". What is printed
#   without -j is in the JSON as well. ip-route(8), `mtu lock`: "no path MTU discovery will be tried".
# Seen: a route with `mtu lock 1400 congctl lock reno` is the same in JSON as one with `mtu 1400 congctl reno`, without
#   the lock. A tbf qdisc loses its peakrate. `tc -j class show` prints text. The status is 0 each time.
# Why: the word lock and the peak rate are printed for text alone; listing classes takes no notice of -j.
# Hurts: programs that compare or restore what they find by `ip -j` and `tc -j`: a route that was locked becomes one that path MTU
#   discovery changes, and a limit of bursts goes.
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

debian iproute2=6.1.0-3 libbpf1 libelf1 libmnl0 libbsd0 libmd0 libcap2 libxtables12
namespace=findings-$$
ip netns add "$namespace" 2>/dev/null || skip "network namespaces (root) are needed"
namespaces=$namespace
inside() { ip netns exec "$namespace" "$@"; }
python() { env -u LD_LIBRARY_PATH python3 -c "$1"; }

inside ip link add left type veth peer name right 2>"$tmp/error" || skip "veth: $(cat "$tmp/error")"
inside ip link set left up
inside ip link set right up
inside ip address add 10.0.0.1/24 dev left
inside ip route add 10.1.0.0/16 via 10.0.0.2 mtu lock 1400 congctl lock reno
inside ip route add 10.2.0.0/16 via 10.0.0.2 mtu 1400 congctl reno
text=$(inside ip route show 10.1.0.0/16 | sed 's/.*dev left //; s/ *$//')
metrics='import json, sys; print(*json.load(sys.stdin)[0]["metrics"])'
locked=$(inside ip -j route show 10.1.0.0/16 | python "$metrics")
free=$(inside ip -j route show 10.2.0.0/16 | python "$metrics")
printf 'locked: %s - in JSON: %s - and not locked: %s\n' "$text" "$locked" "$free"

inside tc qdisc add dev left root tbf rate 1mbit burst 10k latency 50ms peakrate 2mbit minburst 1500 2>"$tmp/error" ||
    skip "tbf: $(head -n 1 "$tmp/error")"
text_qdisc=$(inside tc qdisc show dev left | grep -o 'peakrate [^ ]*')
options=$(inside tc -j qdisc show dev left | python 'import json, sys; print(*json.load(sys.stdin)[0]["options"])')
printf 'tbf: %s - in JSON: %s\n' "$text_qdisc" "$options"

inside tc qdisc del dev left root
inside tc qdisc add dev left root handle 1: htb 2>"$tmp/error" || skip "htb: $(head -n 1 "$tmp/error")"
inside tc class add dev left parent 1: classid 1:1 htb rate 1mbit
class=$(inside tc -j class show dev left) && status=0 || status=$?
printf 'tc -j class show (status %s): %s\n' "$status" "$class"

[ "$text" = "mtu lock 1400 congctl lock reno" ] && [ "$locked" = "{'mtu': 1400, 'congestion': 'reno'}" ] && [ "$locked" = "$free" ] || verdict 1
[ "$text_qdisc $options" = "peakrate 2Mbit rate burst minburst lat" ] || verdict 1
case "$status $class" in "0 class htb 1:1 root "*) ;; *) verdict 1 ;; esac
verdict 0
