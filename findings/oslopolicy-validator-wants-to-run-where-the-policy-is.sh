#!/usr/bin/env bash
# Software: oslo.policy 6.0.1, oslopolicy-validator.
# Expected: doc/source/cli/oslopolicy-validator.rst: "Validate the policy file used for Keystone: oslopolicy-validator --config-file
#   /etc/keystone/keystone.conf --namespace keystone". policy_file is policy.yaml by default, and "Relative paths must be
#   specified in relation to the configuration file setting this option"; in policy_dirs there may be more files.
# Seen: with a valid policy.yaml beside the config file, the command ends in FileNotFoundError: 'policy.yaml', unless it is run in
#   that directory: then its status is 0. With a file in policy.d that says "!", a valid rule, it ends in KeyError.
# Why: the Enforcer has found and read its files already; _validate_policy() opens policy_file a second time, as it is written in
#   the configuration, for the text of rules that are "!", and looks for those of policy.d in it, too.
# Hurts: operators, and deployment tools that check a policy before they restart a service: a right one is an error.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check oslo.policy==6.0.1 || exit 77
export PYTHONPATH=$dir/plugin PYTHONWARNINGS=ignore
mkdir -p "$dir/plugin/service-1.dist-info"
printf 'Metadata-Version: 2.1\nName: service\nVersion: 1\n' >"$dir/plugin/service-1.dist-info/METADATA"
printf '[oslo.policy.enforcer]\nservice = service:enforcer\n' >"$dir/plugin/service-1.dist-info/entry_points.txt"
cat >"$dir/plugin/service.py" <<'PYTHON'
from oslo_config import cfg
from oslo_policy import policy


def enforcer():
    service = policy.Enforcer(cfg.CONF)
    service.register_defaults([policy.RuleDefault(name, "role:admin") for name in ("get_network", "create_network")])
    return service
PYTHON
mkdir "$dir/etc"
echo '[DEFAULT]' >"$dir/etc/service.conf"
echo '"get_network": "role:member"' >"$dir/etc/policy.yaml"
# validate: the last line that the validator prints, and its status.
validate() {
    status=0
    "$dir/venv/bin/oslopolicy-validator" --config-file "$dir/etc/service.conf" --namespace service >"$dir/out" 2>&1 || status=$?
    echo "$(tail -1 "$dir/out") ($status)"
}
cd "$dir"
elsewhere=$(validate)
cd etc
beside=$(validate)
mkdir policy.d
echo '"create_network": "!"' >policy.d/nobody.yaml
more=$(validate)
printf 'elsewhere: %s\nin its directory: %s\nwith policy.d: %s\n' "$elsewhere" "$beside" "$more"
[ "$elsewhere" = "FileNotFoundError: [Errno 2] No such file or directory: 'policy.yaml' (1)" ] || exit 1
[ "$beside, $more" = " (0), KeyError: 'create_network' (1)" ] || exit 1
