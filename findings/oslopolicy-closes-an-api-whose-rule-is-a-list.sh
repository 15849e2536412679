#!/usr/bin/env bash
# Software: oslo.policy 6.0.1, oslopolicy-convert-json-to-yaml and oslopolicy-policy-generator.
# Expected: "Policy rules can be expressed in one of two forms: a string written in the new policy language or a list of lists"
#   (oslo_policy/policy.py). The generator writes "the effective policy that will be honored by policy checks", the converter
#   is there "to have a smooth migration to YAML formatted policy file": what was allowed before is allowed behind them.
# Seen: [["role:admin"], ["role:member", "project_id:%(project_id)s"]] is written as the string "[['role:admin'], ...]", which is no
#   rule and so is "!", for nobody: a member and an admin have what they asked for before, and are refused after. Both tools
#   end with status 0.
# Why: _format_rule_default_yaml() and _convert_policy_json_to_yaml() put check_str between quotes, as if it were always a string.
# Hurts: deployments with old policies, the ones with lists, on the way to YAML: APIs are closed to all.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check oslo.policy==6.0.1 || exit 77
export PYTHONPATH=$dir/plugin PYTHONWARNINGS=ignore POLICY_FILE=$dir/policy.json
mkdir -p "$dir/plugin/service-1.dist-info"
printf 'Metadata-Version: 2.1\nName: service\nVersion: 1\n' >"$dir/plugin/service-1.dist-info/METADATA"
printf '[oslo.policy.policies]\nservice = service:rules\n[oslo.policy.enforcer]\nservice = service:enforcer\n' \
    >"$dir/plugin/service-1.dist-info/entry_points.txt"
cat >"$dir/plugin/service.py" <<'PYTHON'
import os

from oslo_config import cfg
from oslo_policy import policy


def rules():
    return [policy.DocumentedRuleDefault("get_network", "role:admin", "Show a network", [{"method": "GET", "path": "/"}])]


def enforcer():
    cfg.CONF([], project="service")
    service = policy.Enforcer(cfg.CONF, policy_file=os.environ["POLICY_FILE"])
    service.register_defaults(rules())
    return service
PYTHON
echo '{"get_network": [["role:admin"], ["role:member", "project_id:%(project_id)s"]]}' >"$dir/policy.json"
cd "$dir"
venv/bin/oslopolicy-convert-json-to-yaml --namespace service --policy-file policy.json --output-file converted.yaml 2>/dev/null
venv/bin/oslopolicy-policy-generator --namespace service --output-file generated.yaml
# allowed FILE: what the policy of this file says to a member of the project and to an admin.
allowed() {
    POLICY_FILE=$dir/$1 venv/bin/python - 2>/dev/null <<'PYTHON'
import service

member = {"roles": ["member"], "project_id": "p"}
admin = {"roles": ["admin"], "project_id": "q"}
print(*(service.enforcer().enforce("get_network", {"project_id": "p"}, user) for user in (member, admin)))
PYTHON
}
before=$(allowed policy.json)
converted=$(allowed converted.yaml)
generated=$(allowed generated.yaml)
grep -h '^"get_network' converted.yaml generated.yaml
printf 'member and admin: %s before, %s converted, %s generated\n' "$before" "$converted" "$generated"
[ "$before, $converted, $generated" = "True True, False False, False False" ] || exit 1
