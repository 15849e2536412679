#!/usr/bin/env bash
# Software: netutils 1.19.2, config.compliance and config.parser, for IOS, NX-OS and EOS.
# Expected: compliance's doc: "Report compliance for all features provided as input", by the lines that are missing and those that are
#   too many. Text between the delimiters of `banner` is shown to users as it stands; the parsers keep it together as one line.
# Seen: where the intended banner has the line "!!! AUTHORIZED USERS ONLY !!!" and the device has not, the feature is compliant, with
#   nothing missing; the parsed banner has neither that line nor an empty one. A line without the ! that is missing is found.
# Why: lines that begin with ! are taken out as comments, and empty ones, before banners are looked for.
# Hurts: audits: the warning, the one reason for the banner, is not compared.
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

pypi netutils==1.19.2
"$python" - <<'PYTHON' && verdict 0 || verdict 1
from netutils.config.compliance import compliance
from netutils.config.parser import IOSConfigParser

features = [{"name": "banner", "ordered": True, "section": ["banner"]}]
ends = {"cisco_ios": ("banner motd ^C", "^C"), "cisco_nxos": ("banner motd ^", "^"), "arista_eos": ("banner motd", "EOF")}
warning, greeting = "!!! AUTHORIZED USERS ONLY !!!", "Welcome to leaf-1"
seen = []
for platform, (begin, end) in ends.items():
    def config(*lines):
        return "\n".join([begin, *lines, end, "hostname leaf-1", ""])

    intended = config(warning, greeting)
    results = {}
    for missing, actual in ((warning, config(greeting)), (greeting, config(warning))):
        result = compliance(features, actual, intended, platform, "string")["banner"]
        results[missing] = result["compliant"]
        print(f"{platform}, without {missing!r}: compliant {result['compliant']}, missing {result['missing']!r}")
    seen.append((results[warning], results[greeting]))
lines = [line.config_line for line in IOSConfigParser(f"banner motd ^C\n{warning}\n\n{greeting}\n^C\nhostname leaf-1\n").config_lines]
print("parsed:", lines)
raise SystemExit(not (seen == [(True, False)] * 3 and lines == ["banner motd ^C", f"{greeting}\n^C", "hostname leaf-1"]))
PYTHON
