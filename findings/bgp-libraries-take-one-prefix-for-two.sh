#!/usr/bin/env bash
# Software: exabgp 5.0.15 and os-ken 4.2.2 (the BGP speaker of neutron-dynamic-routing).
# Expected: in an UPDATE the prefix of a route is filled up to whole octets, and "the value of trailing bits is irrelevant"
#   (RFC 4271, 4.3): 10.1.31.0 with length 20 is 10.1.16.0/20.
# Seen: both print and compare it as 10.1.31.0/20, a route other than the same one with the bits at zero. os-ken's object changes
#   its mind when it is written: then it is 10.1.16.0/20.
# Why: both keep the octets as they came; os-ken masks them in serialize() alone.
# Hurts: programs behind a speaker: a route that is announced in one form and withdrawn in the other stays for ever, and
#   Python's ipaddress refuses the first ("has host bits set").
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

pypi exabgp==5.0.15 os-ken==4.2.2
cat >"$tmp/update.py" <<'PYTHON'
import sys

attributes = bytes.fromhex("400101" "00" "400206" "0201" "0000fde9" "400304" "0a000001")  # IGP, from AS 65001, by 10.0.0.1
body = bytes(2) + len(attributes).to_bytes(2, "big") + attributes + bytes.fromhex(sys.argv[1])
update = b"\xff" * 16 + (19 + len(body)).to_bytes(2, "big") + b"\x02" + body
if len(sys.argv) == 2:
    print(update.hex())
else:
    from os_ken.lib.packet import bgp

    message = bgp.BGPMessage.parser(update)[0]
    read = message.nlri[0].prefix
    message.serialize()
    print(read, "written", message.nlri[0].prefix)
PYTHON
for nlri in 140a011f 140a0110; do
    by_exabgp=$("$tmp/venv/bin/exabgp" decode "$("$python" "$tmp/update.py" $nlri)" 2>"$tmp/log" | sed -n 's/.*"nlri": "\([^"]*\)".*/\1/p')
    by_os_ken=$("$python" -W ignore "$tmp/update.py" $nlri os-ken 2>/dev/null)
    echo "$nlri: exabgp $by_exabgp, os-ken $by_os_ken"
    case "$nlri $by_exabgp $by_os_ken" in
        "140a011f 10.1.31.0/20 10.1.31.0/20 written 10.1.16.0/20") ;;
        "140a0110 10.1.16.0/20 10.1.16.0/20 written 10.1.16.0/20") ;;
        *) verdict 1 ;;
    esac
done
verdict 0
