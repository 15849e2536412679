#!/usr/bin/env bash
# openstacksdk 4.22.0: "compute_default_microversion: 2.30" in clouds.yaml asks Compute for 2.3.
#
# Expected: 2.30, or an error. A microversion is two integers joined by a dot (API-SIG guideline "Microversion
#   Specification": X.Y, Y is no decimal part), so a float where one belongs can only be a mistake.
# Seen: 2.30 -> "2.3", 2.60 -> "2.6", 2.90 -> "2.9", 2.100 -> "2.1"; each a microversion that exists, 27 to 99 steps
#   older, so that no service objects. Requests are then sent with another meaning than the file says.
# Why: YAML reads 2.30 as the float 2.3; CloudRegion.get_default_microversion makes a text of whatever it
#   finds there, and looks no further.
# Hurts: users of 2.10, 2.20, ... 2.100 (one in ten): attributes are missing from answers, "networks" may be left out.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check openstacksdk==4.22.0 PyYAML==6.0.4
"$dir/venv/bin/python" - "$dir/clouds.yaml" <<'EOF'
import sys
from openstack.config import OpenStackConfig

seen = {}
for wanted in ("2.37", "2.30", "2.60", "2.90", "2.100"):
    with open(sys.argv[1], "w") as file:
        file.write(f"clouds:\n  a:\n    auth_type: none\n    compute_default_microversion: {wanted}\n")
    region = OpenStackConfig(config_files=[sys.argv[1]], secure_files=[], load_envvars=False).get_one("a")
    seen[wanted] = region.get_default_microversion("compute")
    print(f"compute_default_microversion: {wanted:6} -> {seen[wanted]!r}")
if seen != {"2.37": "2.37", "2.30": "2.3", "2.60": "2.6", "2.90": "2.9", "2.100": "2.1"}:
    sys.exit("changed")
EOF
