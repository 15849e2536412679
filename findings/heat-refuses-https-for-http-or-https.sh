#!/usr/bin/env bash
# Software: openstack-heat 27.0.1 (allowed_pattern of HOT), tosca-parser 2.15.0 (pattern of TOSCA; in tacker and heat-translator).
# Expected: a value that the pattern describes is taken. HOT specification, allowed_pattern: a regular expression against which the
#   value is evaluated; TOSCA Simple Profile 1.3, 3.6.3, pattern: "Constrains the property or parameter
#   to a value that is allowed by the provided regular expression". http|https allows https; re.fullmatch says so.
# Seen: `http|https` accepts http, and for https says 'does not match pattern "http|https"'. `https|http` accepts both.
# Why: re.match() finds the first alternative that fits, http, and both ask whether that match ends where the value does.
# Hurts: templates with alternatives of which one begins another (eth0|eth0.5, m1|m1.small): valid inputs are refused, and the
#   message shows a pattern that they match.
set -eu

tmp=$(mktemp -d)
root=$tmp/root
export HOME=$tmp PYTHONDONTWRITEBYTECODE=1
namespaces=""
stop() {
    for file in "$tmp"/*.pid; do [ -e "$file" ] && kill "$(cat "$file")" 2>/dev/null || :; done
    for namespace in $namespaces; do ip netns del "$namespace" 2>/dev/null || :; done
    wait 2>/dev/null || :
    rm -rf "$tmp"
}
trap stop EXIT
trap 'exit 130' INT TERM
skip() {
    echo "skipped: $*" >&2
    exit 77
}
# pypi NAME==VERSION...: a virtual environment in $tmp/venv with these packages; $python is its interpreter.
pypi() {
    python=$tmp/venv/bin/python
    [ -x "$python" ] || python3 -m venv "$tmp/venv"
    env -u LD_LIBRARY_PATH "$python" -m pip install -q --no-compile --disable-pip-version-check "$@" >"$tmp/pip.log" 2>&1 ||
        skip "pip install $*: $(grep -m 1 ERROR "$tmp/pip.log")"
}
# verdict STATUS: the last line; STATUS is 0 where the behaviour is still as described.
verdict() {
    [ "$1" = 0 ] && echo "as described" || echo "CHANGED: the behaviour is no longer as described"
    exit "$1"
}

pypi tosca-parser==2.15.0 openstack-heat==27.0.1 setuptools==80.9.0
"$python" -W ignore - <<'PYTHON' || verdict 1
import re

from heat.engine.constraints import AllowedPattern

seen = {}
for pattern in ("http|https", "https|http"):
    for value in ("http", "https"):
        assert re.fullmatch(pattern, value)
        try:
            AllowedPattern(pattern).validate(value)
            seen[pattern, value] = "taken"
        except ValueError as error:
            seen[pattern, value] = str(error)
        print(f"Heat: {value} by {pattern}: {seen[pattern, value]}")
wrong = seen.pop(("http|https", "https"))
raise SystemExit("does not match pattern" not in wrong or set(seen.values()) != {"taken"})
PYTHON
for value in http https; do
    cat >"$tmp/$value.yaml" <<YAML
tosca_definitions_version: tosca_simple_yaml_1_3
node_types:
  Service:
    derived_from: tosca.nodes.Root
    properties:
      shorter_first: {type: string, constraints: [{pattern: "http|https"}]}
      longer_first: {type: string, constraints: [{pattern: "https|http"}]}
topology_template:
  node_templates:
    service: {type: Service, properties: {shorter_first: $value, longer_first: $value}}
YAML
    "$tmp/venv/bin/tosca-parser" --template-file "$tmp/$value.yaml" >"$tmp/$value.out" 2>&1 || :
    echo "tosca-parser: $value: $(grep -E 'does not match|^version' "$tmp/$value.out" | sed 's/^ *//')"
done
grep -q '^version' "$tmp/http.out" || verdict 1
[ "$(grep -c 'does not match pattern' "$tmp/https.out")" = 1 ] || verdict 1
grep -qF 'The value "https" of property "shorter_first" does not match pattern "http|https"' "$tmp/https.out" || verdict 1
verdict 0
