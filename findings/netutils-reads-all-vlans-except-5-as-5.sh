#!/usr/bin/env bash
# Software: netutils 1.19.2, vlanconfig_to_list (also one of its Jinja filters).
# Expected: its doc: "Given an IOS-like vlan list of configurations, return the list of VLANs." The list that IOS takes behind
#   `switchport trunk allowed vlan` is a range, or `add`, `all`, `none`, `remove` and `except` with one: `except 5` is
#   1-4 and 6-4094, `remove 5` takes 5 away. What is not understood is an error, as `all` is: "No digits found".
# Seen: [5] for `except 5`, the one VLAN that the trunk does not carry; and 5 twice for 1-10 with `remove 5` on the next
#   line; `add 20` is understood.
# Why: every number and range of digits in the text is taken, whatever word stands before it.
# Hurts: audits and migrations of switch ports: the list of allowed VLANs is the reverse of the configured one.
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
from netutils.vlan import vlanconfig_to_list

line = "switchport trunk allowed vlan "
seen = {}
for words in (["except 5"], ["1-10", "remove 5"], ["1-3", "add 20"], ["all"]):
    config = "\n".join(line + word for word in words)
    try:
        seen[words[-1]] = vlanconfig_to_list(config)
    except ValueError as error:
        seen[words[-1]] = f"ValueError: {error}"
    print(words, "->", seen[words[-1]])
right = seen["add 20"] == [1, 2, 3, 20] and "No digits found" in seen["all"]
raise SystemExit(not (right and seen["except 5"] == [5] and seen["remove 5"].count(5) == 2))
PYTHON
