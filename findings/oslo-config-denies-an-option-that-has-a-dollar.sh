#!/usr/bin/env bash
# oslo.config 10.7.0: a value with "$word" in it makes oslo.config say that the option does not exist; getattr with a
# default then returns the default.
#
# Expected: an error that names the unknown word. oslo.config has TemplateSubstitutionError: "Raised if an error occurs
#   substituting a variable in an opt value".
# Seen: with "password = p$w0rd", conf.password raises "NoSuchOptError: no such option password in group [DEFAULT]",
#   and, since that is an AttributeError, getattr(conf, "password", None) is None and hasattr is False.
# Why: ConfigOpts.__getattr__ turns every error that is no ValueError into NoSuchOptError for the name that was read;
#   the word that was not found is "w0rd". ("p$$w0rd" is the way to write it.)
# Hurts: operators with a dollar in a password, who look for a typo in the name of the option; code with a default works
#   with an empty password and fails elsewhere.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check oslo.config==10.7.0
printf '[DEFAULT]\npassword = p$w0rd\n' > "$dir/a.conf"
"$dir/venv/bin/python" - "$dir/a.conf" <<'EOF'
import sys
from oslo_config import cfg

conf = cfg.ConfigOpts()
conf.register_opt(cfg.StrOpt("password"))
conf(["--config-file", sys.argv[1]], project="a")
try:
    print("value:", conf.password)
except cfg.NoSuchOptError as error:
    print("conf.password:               ", type(error).__name__, error)
else:
    sys.exit("changed")
print("getattr(conf, 'password', 0):", getattr(conf, "password", 0))
if getattr(conf, "password", 0) != 0:
    sys.exit("changed")
EOF
