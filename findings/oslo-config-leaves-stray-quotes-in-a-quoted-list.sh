#!/usr/bin/env bash
# oslo.config 10.7.0: a list with each item in quotes loses the first and the last quote, and keeps those between.
#
# Expected: either the items, as quotes in a configuration file are taken off (key = "a" is a, list = "a,b" is a and b),
#   or all quotes kept. oslo-config-generator itself writes an item with blanks around it in quotes.
# Seen: hosts = "a", "b" is the list [a", "b]: two names that have one quote each. With a third item its quotes stay
#   whole. No error, no warning.
# Why: oslo_config.iniparser.BaseParser takes the quotes off a value that begins and ends with one and does not look
#   between; types.List then splits at the commas and, unless the item type has quotes=True, keeps what it finds.
# Hurts: anyone who writes lists as in TOML, JSON or a shell: enabled_backends, memcached_servers, cors allowed_origin
#   do not match, and the log shows the list with quotes of its own around them.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check oslo.config==10.7.0
"$dir/venv/bin/python" - "$dir/a.conf" <<'EOF'
import sys
from oslo_config import cfg

def hosts(text):
    with open(sys.argv[1], "w") as file:
        file.write(f"[DEFAULT]\nhosts = {text}\n")
    conf = cfg.ConfigOpts()
    conf.register_opt(cfg.ListOpt("hosts"))
    conf(["--config-file", sys.argv[1]], project="a")
    return conf.hosts

expected = {'a, b': ["a", "b"], '"a, b"': ["a", "b"], '"a", "b"': ['a"', '"b'], '"a", "b", "c"': ['a"', '"b"', '"c'],
            '"a", b': ['"a"', "b"]}
for text, seen in expected.items():
    print(f"hosts = {text:15} -> {hosts(text)}")
    if hosts(text) != seen:
        sys.exit("changed")
EOF
