#!/usr/bin/env bash
# Software: ironic-python-agent 13.0.0, root device hints.
# Expected: Ironic's doc/source/install/include/root-device-hints.inc: "size accepts a single int value ... or a range of two
#   values ... e.g. size: <range-in> ( 10 100 )"; "<or> find one of these", "<all-in> all elements contained in collection".
# Seen: the documented range is a ValueError, "not an integer value"; `<or> 50 <or> 60` finds none of the disks of 50 and 200 GiB,
#   where `== 50` finds the first; `<all-in> fast ssd` is a SyntaxError of Python for a disk whose model is "fast ssd".
# Why: parse_root_device_hints() makes an integer of all that stands behind the operator, brackets included; find_devices_by_hints()
#   gives 50.0 to a comparison of strings, and a text instead of the literal of a list to <all-in>.
# Hurts: nodes whose root disk is chosen by a range of sizes, as the documentation says: no disk is found and deployment fails.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check ironic-python-agent==13.0.0 || exit 77
"$dir/venv/bin/python" -W ignore - <<'PYTHON'
import sys

from ironic_python_agent import device_hints

disks = [
    {"name": "/dev/sda", "size": 50 * 2**30, "model": "fast ssd", "rotational": False},
    {"name": "/dev/sdb", "size": 200 * 2**30, "model": "slow disk", "rotational": True},
]


def found(**hints):
    try:
        return [disk["name"] for disk in device_hints.find_devices_by_hints(disks, hints)]
    except (ValueError, SyntaxError) as error:
        return type(error).__name__


seen = {
    "size ( 10 100 )": found(size="<range-in> ( 10 100 )"),
    "size 50 or 60": found(size="<or> 50 <or> 60"),
    "size == 50": found(size="== 50"),
    "model all of fast ssd": found(model="<all-in> fast ssd"),
    "model fast ssd or none": found(model="<or> fast ssd <or> none"),
}
for hint, names in seen.items():
    print(f"{hint}: {names}")
if list(seen.values()) != ["ValueError", [], ["/dev/sda"], "SyntaxError", ["/dev/sda"]]:
    sys.exit("changed")
PYTHON
