#!/usr/bin/env bash
# Software: gabbi 4.2.3, response_json_paths.
# Expected: JSON's true and 1 are values of two types (RFC 8259, 3). gabbi's documentation calls response_json_paths "JSONPath rules
#   paired with expected matches"; "1" and 1 are no match for it, and the message says so.
# Seen: a test that wants `true` passes with a service that answers 1, and with 1.0; `false` with 0; and the other way round, in
#   nested values too. null and "" are told apart from false.
# Why: the two are compared with Python's ==, in which True == 1, and with assertEqual, which is no stricter.
# Hurts: anyone who proves an API by gabbi: `admin_state_up: 1` is accepted where the contract says boolean, and clients in stricter
#   languages fail on what was tested.
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

pypi gabbi==4.2.3
mkdir "$tmp/gabbits"
cat >"$tmp/gabbits/types.yaml" <<'YAML'
tests:
- {name: 1 for true, GET: /, response_json_paths: {$.one: true}}
- {name: 1.0 for true, GET: /, response_json_paths: {$.real: true}}
- {name: 0 for false, GET: /, response_json_paths: {$.zero: false}}
- {name: true for 1, GET: /, response_json_paths: {$.yes: 1}}
- {name: nested 1 for true, GET: /, response_json_paths: {$.port: {admin_state_up: true}}}
- {name: null for false, GET: /, response_json_paths: {$.nothing: false}}
- {name: text for 1, GET: /, response_json_paths: {$.text: 1}}
YAML
cd "$tmp"
"$python" -W ignore - <<'PYTHON' && verdict 0 || verdict 1
import json
import unittest

from gabbi import driver

BODY = {"one": 1, "real": 1.0, "zero": 0, "yes": True, "port": {"admin_state_up": 1}, "nothing": None, "text": "1"}

def service(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(BODY).encode()]

suite = driver.build_tests("gabbits", unittest.TestLoader(), intercept=lambda: service)
result = unittest.TestResult()
suite.run(result)
failed = sorted(test.test_data["name"] for test, _ in result.failures)
print(f"{result.testsRun} tests, errors: {len(result.errors)}, failed: {failed}")
raise SystemExit(failed != ["null for false", "text for 1"] or result.testsRun != 7 or bool(result.errors))
PYTHON
