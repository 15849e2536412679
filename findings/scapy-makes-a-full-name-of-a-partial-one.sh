#!/usr/bin/env bash
# Software: scapy 2.8.0, scapy.layers.dhcp6 (DHCP6OptClientFQDN, option 39).
# Expected: RFC 4704, 4.2: a client may know just part of its name; "To send a partial name, the Domain Name field is set to the
#   DNS-encoded domain name without the terminating zero-length label". `02 v m` is partial, `02 v m 00` is the whole name `vm.`, at
#   the root. What is read has to say which it was, and to be written as such.
# Seen: both are read as `vm.`. As soon as a field of the option is set the zero is written, while the length stays as it was read:
#   the last octet is outside the option, and all options behind it are shifted. fqdn="vm" gives the zero as well; a partial name
#   cannot be sent.
# Why: the field is one for DNS names, which have a root always.
# Hurts: relays, proxies and tests of servers: hosts that send their short name, as most do, seem to claim a top-level domain.
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

pypi scapy==2.8.0
"$python" -W ignore - <<'PYTHON' && verdict 0 || verdict 1
from scapy.layers.dhcp6 import DHCP6OptClientFQDN

partial = bytes.fromhex("0027" "0004" "00" "02766d")
full = bytes.fromhex("0027" "0005" "00" "02766d00")
names = [DHCP6OptClientFQDN(option).fqdn for option in (partial, full)]
print("read from the partial and the full name:", *names)
answer = DHCP6OptClientFQDN(partial)
answer.flags = "S"
written = bytes(answer)
print("partial,     ", partial.hex())
print("with S set,  ", written.hex())
own = bytes(DHCP6OptClientFQDN(fqdn="vm"))
print("fqdn='vm',   ", own.hex())
raise SystemExit(names[0] != names[1] or written != b"\0\x27\0\4\1\2vm\0" or own != full)
PYTHON
