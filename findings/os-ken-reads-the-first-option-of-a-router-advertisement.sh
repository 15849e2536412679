#!/usr/bin/env bash
# Software: os-ken 4.2.2 (the OpenFlow library of Neutron's agents), os_ken.lib.packet.icmpv6.
# Expected: nd_router_advert.options is, by its doc string, a "list of a derived object of nd_option"; RFC 4861, 4.2 lets an
#   advertisement carry several, and all real ones do. RFC 4191 puts the router preference beside the M and O flags.
# Seen: an advertisement with link-layer address, MTU and prefix is read as one option; the other two are raw bytes in
#   that option's `data`. An application that looks for the prefix or the MTU finds none. The preference "high" is lost
#   as well: written again, the packet says "medium", with the checksum of the old one.
# Why: the parsers of nd_router_advert and nd_neighbor construct one option from all that follows, and mask the flags by 0xc0.
# Hurts: anyone who watches or answers advertisements in an OpenFlow application.
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
from os_ken.lib.packet import packet

ethernet = "3333000000010200000000ff86dd"
ipv6 = "6000000000403aff" + "fe80000000000000000000fffe0000ff" + "ff020000000000000000000000000001"
advertisement = "8600" + "cd11" + "40" + "c8" + "0708" + "00" * 8  # hop limit 64, flags M, O and preference high, 1800 s
options = ["01010200000000ff", "05010000000005a2", "030440c0" + "ff" * 8 + "00000000" + "20010db8" + "00" * 12]
frame = bytes.fromhex(ethernet + ipv6 + advertisement + "".join(options))

parsed = packet.Packet(frame)
seen = parsed.protocols[-1].data.options
print("options in the frame:", len(options), "- read:", [type(option).__name__ for option in seen])
print("bytes left in the first:", len(seen[0].data))
parsed.serialize()
print(f"flags in the frame: {frame[59]:#x}, written again: {parsed.data[59]:#x}")
raise SystemExit(not (len(seen) == 1 and len(seen[0].data) == 40 and parsed.data[59] == 0xC0))
PYTHON
