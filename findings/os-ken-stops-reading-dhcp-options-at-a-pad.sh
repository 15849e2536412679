#!/usr/bin/env bash
# Software: os-ken 4.2.2 (the OpenFlow library of Neutron's agents), os_ken.lib.packet.dhcp.
# Expected: option 0, a single byte, is padding between options (RFC 2132, 3.1: "to cause subsequent fields to align on word
#   boundaries"); reading goes on after it, up to option 255.
# Seen: from message type, pad, client identifier and host name only the message type is read; written again, the packet
#   lacks the others.
# Why: options.parser() ends at the first option that option.parser() gives as None, and it does so for pad and end alike.
# Hurts: DHCP in an OpenFlow application, as Neutron's Open vSwitch agent has one: clients that align their options are
#   served as if they had sent none.
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

pypi os-ken==4.2.2
"$python" -W ignore - <<'PYTHON' && verdict 0 || verdict 1
from os_ken.lib.packet import dhcp

header = bytes([1, 1, 6, 0]) + bytes(24) + bytes.fromhex("020000000001") + bytes(10 + 64 + 128)
options = bytes.fromhex("63825363" + "350101" + "00" + "3d05ff31323334" + "0c02766d" + "ff")
message, _, rest = dhcp.dhcp.parser(header + options)
tags = [option.tag for option in message.options.option_list]
print("options in the message: [53, 61, 12] - read:", tags)
print("bytes of options:", len(options), "- written again:", len(message.options.serialize()))
raise SystemExit(tags != [53])
PYTHON
