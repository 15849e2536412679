#!/usr/bin/env bash
# oslo.utils 10.2.0: versionutils turns 2026.1 into a number and the number into 2.26.1; 1.1000 and 2.0 are one number.
#
# Expected: convert_version_to_str "Convert a version integer to a string with dots" undoes convert_version_to_int
#   "Convert a version to an integer. version must be a string with dots or a tuple of integers"; no limit is named.
# Seen: "2026.1" -> 2026001 -> "2.26.1". OpenStack's own releases have had such names since 2023.1. Services that keep
#   versions as numbers to compare (hypervisor_version) compare 1.1000 equal to 2.0.
# Why: convert_version_to_int joins the parts in base 1000, without a check that each is below 1000.
# Hurts: drivers for products that are numbered by year or build ("2026.1", "10.0.26100"): wrong in lists, and a
#   minimum version that is met by an older one.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check oslo.utils==10.2.0
"$dir/venv/bin/python" - <<'EOF'
import sys
from oslo_utils import versionutils

for version in ("6.2.0", "2026.1", "10.0.26100", "1.1000", "2.0"):
    number = versionutils.convert_version_to_int(version)
    print(f"{version:11} -> {number:11} -> {versionutils.convert_version_to_str(number)}")
to_int = versionutils.convert_version_to_int
if versionutils.convert_version_to_str(to_int("2026.1")) != "2.26.1" or to_int("1.1000") != to_int("2.0"):
    sys.exit("changed")
EOF
