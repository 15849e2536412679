#!/usr/bin/env bash
# Software: Kea 2.2.0 (Debian 12), kea-dhcp4.
# Expected: the manual says of `data`: "values separated by commas if more than one value is allowed". interface-mtu, boot-file-name and
#   tftp-server-name allow one, so a second one is an error, as one too few is ("no option value specified" for `""`). A comma in a
#   string is to be escaped, with two backslashes.
# Seen: `kea-dhcp4 -t` finds no fault with "1400,9000" for the MTU, "http://boot.example/x?a=1,2" for the file and "a,
#   b" for the server, and the client gets 1400, http://boot.example/x?a=1 and a. Nothing is logged. Options that are
#   arrays are sent with both.
# Why: an option's data is split at commas first, whatever its type, and a definition of one value takes the first.
# Hurts: network boot with a URL that has a comma, or user-class and log strings: clients ask for another file, and
#   neither the server nor its configuration check reports anything.
set -eu

tmp=$(mktemp -d)
root=$tmp/root
export HOME=$tmp PYTHONDONTWRITEBYTECODE=1
stop() {
    for file in "$tmp"/*.pid; do [ -e "$file" ] && kill "$(cat "$file")" 2>/dev/null || :; done
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

debian kea-common=2.2.0-6 kea-dhcp4-server=2.2.0-6 liblog4cplus-2.0.5 libboost-system1.74.0 libmariadb3 libpq5
export KEA_PIDFILE_DIR=$tmp KEA_LOCKFILE_DIR=none
# configured FILE DATA: write a configuration in which the option boot-file-name is this text.
configured() {
    cat >"$1" <<JSON
{"Dhcp4": {
  "interfaces-config": {"interfaces": ["lo/127.0.0.1"], "dhcp-socket-type": "udp"},
  "lease-database": {"type": "memfile", "persist": false},
  "valid-lifetime": 600,
  "subnet4": [{
    "subnet": "10.0.0.0/24", "pools": [{"pool": "10.0.0.10 - 10.0.0.20"}], "relay": {"ip-addresses": ["127.0.0.1"]},
    "option-data": [
      {"name": "boot-file-name", "data": "$2"},
      {"name": "interface-mtu", "data": "1400,9000"},
      {"name": "tftp-server-name", "data": "a, b"},
      {"name": "domain-name-servers", "data": "10.0.0.2, 10.0.0.3"}
    ]
  }]
}}
JSON
}
configured "$tmp/empty.json" ""
configured "$tmp/plain.json" "http://boot.example/x?a=1,2"
configured "$tmp/escaped.json" 'http://boot.example/x?a=1\\,2'
for name in empty plain escaped; do
    status=0
    kea-dhcp4 -t "$tmp/$name.json" >"$tmp/$name.log" 2>&1 || status=$?
    eval "$name=$status"
done
echo "kea-dhcp4 -t: status $plain, with the comma escaped $escaped, without any value $empty; errors and warnings of the first:" \
    "$(grep -cE 'WARN|ERROR' "$tmp/plain.log" || :)"

cat >"$tmp/ask.py" <<'ASK'
"""Ask the server with this configuration as a relay does (DHCPDISCOVER), and print options of its offer."""

import os
import socket
import struct
import subprocess
import sys

NAMES = {6: "domain-name-servers", 26: "interface-mtu", 66: "tftp-server-name", 67: "boot-file-name"}


def free():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unbound:
        unbound.bind(("127.0.0.1", 0))
        return unbound.getsockname()[1]


relay = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
relay.bind(("127.0.0.1", 0))
relay.settimeout(1)
port = free()
folder = os.path.dirname(sys.argv[1])
command = ["kea-dhcp4", "-c", sys.argv[1], "-p", str(port), "-P", str(relay.getsockname()[1])]
with open(os.path.join(folder, "server.log"), "w") as log:
    server = subprocess.Popen(command, stdout=log, stderr=log)
message = struct.pack("!4BIHH", 1, 1, 6, 1, 7, 0, 0) + bytes(12) + socket.inet_aton("127.0.0.1") + bytes.fromhex("020000000001")
message += bytes(202) + b"\x63\x82\x53\x63" + bytes([53, 1, 1, 55, len(NAMES), *NAMES, 255])
offer = b""
try:
    for _ in range(30):
        relay.sendto(message, ("127.0.0.1", port))
        try:
            offer = relay.recv(4096)
            break
        except OSError:
            pass
finally:
    server.terminate()
    server.wait()
if not offer:
    sys.exit("no offer")
options, offset = {}, 240
while offset < len(offer) and offer[offset] != 255:
    code, length = offer[offset : offset + 2]
    options[code] = offer[offset + 2 : offset + 2 + length]
    offset += 2 + length
print(NAMES[67], options[67].decode())
print(NAMES[66], options[66].decode())
print(NAMES[26], int.from_bytes(options[26], "big"))
print(NAMES[6], *(socket.inet_ntoa(options[6][start : start + 4]) for start in range(0, len(options[6]), 4)))
ASK
seen=$(python3 "$tmp/ask.py" "$tmp/plain.json") || skip "the server does not answer: $(tail -n 1 "$tmp/server.log")"
logged=$(grep -E 'WARN|ERROR' "$tmp/server.log" | grep -ci option || :)
right=$(python3 "$tmp/ask.py" "$tmp/escaped.json" | head -n 1)
printf '%s\nwarnings of the server about options: %s\nwith the comma escaped: %s\n' "$seen" "$logged" "$right"

[ "$plain $escaped $logged" = "0 0 0" ] && [ "$empty" != 0 ] || verdict 1
[ "$seen" = "boot-file-name http://boot.example/x?a=1
tftp-server-name a
interface-mtu 1400
domain-name-servers 10.0.0.2 10.0.0.3" ] || verdict 1
[ "$right" = "boot-file-name http://boot.example/x?a=1,2" ] || verdict 1
verdict 0
