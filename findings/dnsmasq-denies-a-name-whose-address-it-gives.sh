#!/usr/bin/env bash
# Software: dnsmasq 2.90 (Debian 12), options --address and --local.
# Expected: RFC 8020, 2: a name error says that the name does not exist, for whatever type was asked; RFC 4074, 4.2, names one for
#   AAAA where there is an A as a harmful fault. dnsmasq(8) gives --address=/example.com/1.2.3.4 with --local=/example.com/ as the
#   way to "a NoData answer" for other types.
# Seen: with --local=/lan/ and --address=/web.lan/1.2.3.4, web.lan has that address for a query of type A and is NXDOMAIN for AAAA
#   and HTTPS. With --local=/web.lan/ beside it, or with --host-record instead, the answer is no data.
# Why: --address makes a name known only where both options have the same domain; otherwise each name of --local without
#   a record is a name error.
# Hurts: networks with a domain of their own and a wildcard in it: to a caching resolver, and to clients that ask for A and AAAA
#   at once, one name error is the end of the name.
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

debian dnsmasq-base=2.90-4~deb12u2 libdbus-1-3 libidn2-0 libnetfilter-conntrack3 libnettle8 libhogweed6 libgmp10 libnftables1 \
    libunistring2 libnfnetlink0 libmnl0 libnftnl11 libxtables12 libjansson4
pypi dnspython==2.7.0
env -u LD_LIBRARY_PATH "$python" - "$root/usr/sbin/dnsmasq" "$LD_LIBRARY_PATH" <<'PYTHON' && status=0 || status=$?
import os
import socket
import subprocess
import sys
import time

import dns.exception
import dns.message
import dns.query
import dns.rcode

with socket.socket() as stream, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
    stream.bind(("127.0.0.1", 0))
    port = stream.getsockname()[1]
    datagrams.bind(("127.0.0.1", port))
options = ["--local=/lan/", "--address=/web.lan/1.2.3.4", "--host-record=host.lan,192.0.2.1"]
options += ["--address=/both.lan/1.2.3.5", "--local=/both.lan/", f"--port={port}", "--listen-address=127.0.0.1", "--bind-interfaces", "--no-resolv"]
options += ["--no-hosts", "--conf-file=/dev/null", "--keep-in-foreground", "--user=root", "--pid-file", "--log-facility=-"]
environment = os.environ | {"LD_LIBRARY_PATH": sys.argv[2]}
server = subprocess.Popen([sys.argv[1], *options], env=environment, stderr=subprocess.PIPE, text=True)


def answer(name: str, kind: str) -> str:
    """The answer's code and data, once the server answers."""
    deadline = time.monotonic() + 20
    while True:
        try:
            message = dns.query.udp(dns.message.make_query(name, kind), "127.0.0.1", port=port, timeout=1)
            break
        except (dns.exception.Timeout, OSError):
            if time.monotonic() > deadline or server.poll() is not None:
                server.terminate()
                print("skipped: dnsmasq does not answer:", server.stderr.read().strip().rpartition("\n")[2], file=sys.stderr)
                raise SystemExit(77) from None
    data = [item.to_text() for records in message.answer for item in records]
    return " ".join([dns.rcode.to_text(message.rcode()), *data])


expected = {
    ("web.lan", "A"): "NOERROR 1.2.3.4",
    ("web.lan", "AAAA"): "NXDOMAIN",
    ("web.lan", "HTTPS"): "NXDOMAIN",
    ("both.lan", "A"): "NOERROR 1.2.3.5",
    ("both.lan", "AAAA"): "NOERROR",
    ("host.lan", "A"): "NOERROR 192.0.2.1",
    ("host.lan", "AAAA"): "NOERROR",
}
try:
    seen = {query: answer(*query) for query in expected}
finally:
    server.terminate()
    server.wait(20)
for (name, kind), text in seen.items():
    print(f"{name} {kind}: {text}")
raise SystemExit(seen != expected)
PYTHON
[ "$status" != 77 ] || exit 77
verdict "$status"
