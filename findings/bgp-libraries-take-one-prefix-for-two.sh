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
. "$(dirname "$0")/lib/common.sh"

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
