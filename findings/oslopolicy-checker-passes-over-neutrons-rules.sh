#!/usr/bin/env bash
# Software: oslo.policy 6.0.1, oslopolicy-checker.
# Expected: doc/source/cli/oslopolicy-checker.rst, "Test all of Nova's policy with an admin token": without --rule every rule of the
#   file is tested (its older edition: "rule to test. If omitted, tests all rules"). The credentials are those that a service
#   has of the token: RequestContext.to_policy_values() has domain_id, too.
# Seen: of a policy for Neutron, create_network and get_auto_allocated_topology are not in the output, with status 0; asked for one
#   by one they pass. identity:list_users with domain_id:%(target.domain_id)s fails for an admin of that domain, whom the same
#   rule lets in when it is enforced with the values of oslo.context.
# Why: tool() in oslo_policy/shell.py takes the names with a ":" alone, which Neutron's rules for whole resources do not have; and
#   it makes user_id, project_id and system_scope of the token, and no domain_id.
# Hurts: whoever checks a policy file before it is deployed: for Neutron nearly nothing is checked, and for Keystone admins of a
#   domain seem to be shut out.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check oslo.policy==6.0.1 || exit 77
cat >"$dir/policy.yaml" <<'YAML'
"admin_or_owner": "role:admin or project_id:%(project_id)s"
"create_network": "rule:admin_or_owner"
"create_network:shared": "role:admin"
"get_auto_allocated_topology": "rule:admin_or_owner"
"identity:list_users": "role:admin and domain_id:%(target.domain_id)s"
YAML
project='"project": {"id": "p", "name": "p", "domain": {"id": "d", "name": "d"}}'
user='"user": {"id": "u", "name": "u", "domain": {"id": "d", "name": "d"}}'
cat >"$dir/project.json" <<JSON
{"token": {$user, "roles": [{"id": "r", "name": "member"}], $project}}
JSON
cat >"$dir/domain.json" <<JSON
{"token": {$user, "roles": [{"id": "r", "name": "admin"}], "domain": {"id": "d", "name": "d"}}}
JSON
echo '{"target": {"domain_id": "d"}}' >"$dir/target.json"
# check TOKEN OPTION...: the lines of the checker, in one.
check() {
    token=$1
    shift
    "$dir/venv/bin/oslopolicy-checker" --policy "$dir/policy.yaml" --access "$dir/$token.json" "$@" | paste -sd ' '
}
all=$(check project)
one=$(check project --rule create_network)
topology=$(check project --rule get_auto_allocated_topology)
domain=$(check domain --target "$dir/target.json" --rule identity:list_users)
enforced=$("$dir/venv/bin/python" -W ignore - "$dir/policy.yaml" <<'PYTHON'
import sys

from oslo_config import cfg
from oslo_context import context
from oslo_policy import policy

cfg.CONF([], project="x")
enforcer = policy.Enforcer(cfg.CONF, policy_file=sys.argv[1])
admin = context.RequestContext(user_id="u", roles=["admin"], domain_id="d")
print(enforcer.enforce("identity:list_users", {"target.domain_id": "d"}, admin))
PYTHON
)
printf 'all rules: %s\none by one: %s, %s\nadmin of a domain: %s; enforced: %s\n' "$all" "$one" "$topology" "$domain" "$enforced"
[ "$all" = "failed: create_network:shared failed: identity:list_users" ] || exit 1
[ "$one, $topology" = "passed: create_network, passed: get_auto_allocated_topology" ] || exit 1
[ "$domain, $enforced" = "failed: identity:list_users, True" ] || exit 1
