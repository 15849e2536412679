#!/usr/bin/env bash
# Software: oslo.policy 6.0.1, oslopolicy-policy-upgrade.
# Expected: DeprecatedRule says how "to break a policy into more granular policies": the new ones, foo:create_bar and so on, have
#   one deprecated_rule, foo:bar. The tool renames old policies of a file to the new names; Keystone's warning of deprecated
#   rules is to use it "to detect and resolve deprecated policies in your configuration".
# Seen: with the example of DeprecatedRule, cut to two of its five policies, and a file that has foo:bar, the tool ends in
#   KeyError: 'foo:bar', and nothing is written. A rule that was renamed, foo:old to foo:new, is right.
# Why: _upgrade_policies() asks whether the old name was in the file at the beginning, and pops it for each new policy.
# Hurts: operators who upgrade a policy file over a release that split a rule, as most services have with secure RBAC.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check oslo.policy==6.0.1 || exit 77
export PYTHONPATH=$dir/plugin PYTHONWARNINGS=ignore
mkdir -p "$dir/plugin/service-1.dist-info"
printf 'Metadata-Version: 2.1\nName: service\nVersion: 1\n' >"$dir/plugin/service-1.dist-info/METADATA"
printf '[oslo.policy.policies]\nservice = service:rules\n' >"$dir/plugin/service-1.dist-info/entry_points.txt"
cat >"$dir/plugin/service.py" <<'PYTHON'
from oslo_policy import policy


def rules():
    names = {"foo:create_bar": "foo:bar", "foo:list_bars": "foo:bar", "foo:new": "foo:old"}
    reason = {"deprecated_reason": "more granular", "deprecated_since": "N"}
    old = {name: policy.DeprecatedRule(name, "role:bazz", **reason) for name in names.values()}
    return [policy.RuleDefault(new, "role:bang", deprecated_rule=old[names[new]]) for new in names]
PYTHON
# upgrade RULE: the last line of what comes of a file with this rule.
upgrade() {
    echo "\"$1\": \"role:operator\"" >"$dir/policy.yaml"
    "$dir/venv/bin/oslopolicy-policy-upgrade" --namespace service --policy "$dir/policy.yaml" 2>&1 | tail -1
}
renamed=$(upgrade foo:old)
split=$(upgrade foo:bar)
printf 'renamed: %s\nsplit: %s\n' "$renamed" "$split"
[ "$renamed" = "foo:new: role:operator" ] && [ "$split" = "KeyError: 'foo:bar'" ] || exit 1
