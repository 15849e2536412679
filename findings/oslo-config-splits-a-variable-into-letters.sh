#!/usr/bin/env bash
# oslo.config 10.7.0: a MultiStrOpt that is set in the environment becomes a list of single letters.
#
# Expected: one value, or as many as a separator makes. The documentation ("oslo_config.sources._environment"): the
#   environment is checked before the configuration files for every option, under OS_GROUP__OPTION.
# Seen: OS_PCI__ALIAS='{"name": "gpu"}' gives ['{', '"', 'n', 'a', ...]; it also hides the right value in the file,
#   since the environment comes first. No warning.
# Why: ConfigOpts._convert_value converts "each value" of a multi option with [opt.type(v) for v in value]; the
#   environment's source hands over a string, not a list of one, and a string is iterated by letter.
# Hurts: deployments in containers that set options by environment: nova's [pci]alias and device_spec, the
#   notification drivers of every service.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check oslo.config==10.7.0
printf '[pci]\nalias = {"name": "gpu"}\n' > "$dir/nova.conf"
cat > "$dir/show.py" <<'EOF'
import sys
from oslo_config import cfg

conf = cfg.ConfigOpts()
conf.register_opt(cfg.MultiStrOpt("alias"), group="pci")
conf(["--config-file", sys.argv[1]], project="nova")
print(conf.pci.alias)
EOF
file=$("$dir/venv/bin/python" "$dir/show.py" "$dir/nova.conf")
environment=$(OS_PCI__ALIAS='{"name": "gpu"}' "$dir/venv/bin/python" "$dir/show.py" "$dir/nova.conf")
echo "from the file:        $file"
echo "from the environment: $environment"
case $environment in
    "['{', '\"', 'n', 'a', 'm', 'e',"*) ;;
    *) echo "changed"; exit 1 ;;
esac
