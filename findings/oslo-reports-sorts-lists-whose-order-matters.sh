#!/usr/bin/env bash
# Software: oslo.reports 3.9.0, the views of a report ("Guru Meditation") and of its configuration section.
# Expected: a report has the configuration of the service as it is; "key : Sequence" is serialized item by item (KeyValueView). The
#   order of ML2's tenant_network_types says which type a network gets first, that of mechanism_drivers in which order they are
#   called, and numbers are 9, 10, 11.
# Seen: vxlan, vlan, geneve are printed as geneve, vlan, vxlan, in the text (the one that services write at SIGUSR2) and in XML;
#   9, 10, 11 are 10, 11, 9. JSON has them in their order.
# Why: KeyValueView of views/text and of views/xml iterates over sorted(sequence, key=str), where that of views/json does not.
# Hurts: whoever reads a report to see why a service chose what it chose: it shows an order that was not configured.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check oslo.reports==3.9.0 oslo.config==10.7.0 || exit 77
"$dir/venv/bin/python" -W ignore - <<'EOF'
import json
import re
import sys

from oslo_config import cfg
from oslo_reports.generators import conf as generator

conf = cfg.ConfigOpts()
conf.register_opt(cfg.ListOpt("tenant_network_types", default=["vxlan", "vlan", "geneve"]))
conf.register_opt(cfg.ListOpt("ranks", item_type=cfg.types.Integer(), default=[9, 10, 11]))
conf([])


def view(kind):
    report = generator.ConfigReportGenerator(conf)()
    report.set_current_view_type(kind)
    return str(report)


configured = json.loads(view("json"))["default"]
seen = {"json": [str(item) for item in configured["tenant_network_types"] + configured["ranks"]]}
for kind in ("text", "xml"):
    seen[kind] = re.findall(r"\b(?:vxlan|vlan|geneve|9|10|11)\b", view(kind))
    seen[kind].sort(key=str.isdigit)
for kind, items in seen.items():
    print(f"{kind}: {' '.join(items)}")
ordered = ["geneve", "vlan", "vxlan", "10", "11", "9"]
if seen != {"json": ["vxlan", "vlan", "geneve", "9", "10", "11"], "text": ordered, "xml": ordered}:
    sys.exit("changed")
EOF
