#!/usr/bin/env bash
# Software: glean 1.25.1 (--distro networkd), the network set-up of images built by diskimage-builder.
# Expected: `bond_miimon` in network_data.json is the bonding driver's miimon, in milliseconds: Nova's liberty specification
#   metadata-service-network-info has `"bond_miimon": 100`, and glean's own Debian writer says `bond-miimon 100` for it.
# Seen: for systemd-networkd it writes `MIIMonitorSec=100`. A time without a unit is in seconds there (systemd.time(7)): the link
#   is looked at every 100 seconds, and not ten times a second. `LACPTransmitRate=fast` comes unasked, whatever bond_lacp_rate says.
# Why: the name of the variable, milliseconds, is the only trace of the unit; `ms` is not written behind it.
# Hurts: machines on a bond: when a cable is pulled, up to 100 seconds of traffic go into it, and nothing looks misconfigured.
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

pypi glean==1.25.1
# glean OPTION...: without writing anything, its lock kept out of /tmp.
glean() {
    LOCK=$tmp/lock "$python" -W ignore -c '
import os
from glean import cmd
lock = cmd.systemlock.Lock
cmd.systemlock.Lock = lambda path: lock(os.environ["LOCK"])
cmd.main()' --root "$tmp/drive" --noop "$@" 2>&1
}
drive=$tmp/drive/mnt/config/openstack/latest
mkdir -p "$drive"
for port in 1 2; do
    mkdir -p "$tmp/drive/sys/class/net/eth$port"
    cd "$tmp/drive/sys/class/net/eth$port"
    echo "02:00:00:00:00:0$port" >address
    echo 0 >addr_assign_type
    echo up >operstate
    echo 1 >carrier
done
cat >"$drive/network_data.json" <<'JSON'
{"links": [
  {"id": "eth1", "type": "phy", "ethernet_mac_address": "02:00:00:00:00:01"},
  {"id": "eth2", "type": "phy", "ethernet_mac_address": "02:00:00:00:00:02"},
  {"id": "bond0", "type": "bond", "ethernet_mac_address": "02:00:00:00:00:01", "bond_links": ["eth1", "eth2"],
   "bond_mode": "802.3ad", "bond_miimon": 100, "bond_lacp_rate": "slow"}],
 "networks": [{"id": "network0", "type": "ipv4", "link": "bond0", "ip_address": "10.0.0.5", "netmask": "255.255.255.0", "routes": []}],
 "services": []}
JSON

debian_writes=$(glean --distro debian | grep -o 'bond-miimon.*')
networkd_writes=$(glean --distro networkd | grep -E 'MIIMonitorSec|LACPTransmitRate' | sort)
echo "debian: $debian_writes"
echo "networkd:" $networkd_writes
[ "$debian_writes" = "bond-miimon 100" ] || verdict 1
[ "$networkd_writes" = "LACPTransmitRate=fast
MIIMonitorSec=100" ] || verdict 1
verdict 0
