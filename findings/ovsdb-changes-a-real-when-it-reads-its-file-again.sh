#!/usr/bin/env bash
# Software: Open vSwitch 3.1.0 (ovsdb-tool, whose code is ovsdb-server's), Debian 12.
# Expected: RFC 7047, 3.1 has <real> as a JSON number, and 5.1 compares a column "==" with a value; what `select` returns for a
#   row is what finds it, and what is in the file is what was committed.
# Seen: 0.1 plus 0.2 in one transaction is returned as 0.3, and `["r", "==", 0.3]` does not find it in that transaction;
#   after the file is read again it does. 9007199254740993 becomes 9007199254740990 in a column of reals, where
#   9007199254740992 is the nearest one; the client's copy, the server's memory and the file are three numbers.
# Why: reals are written with 15 digits, to the clients and to the file, where 17 are needed to tell each double from the next.
# Hurts: `wait` and conditions on measured values: what was read is not found again, until the server has been started anew.
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
# debian NAME[=VERSION]...: unpack Debian packages under $root and put them on the paths; nothing is installed.
debian() {
    mkdir -p "$tmp/debs" "$root"
    (cd "$tmp/debs" && apt-get download -qq "$@" >"$tmp/apt.log" 2>&1) || skip "apt-get download $*: $(tail -n 1 "$tmp/apt.log")"
    for package in "$tmp"/debs/*.deb; do
        dpkg -x "$package" "$root"
    done
    rm -r "$tmp/debs"
    export PATH="$root/usr/sbin:$root/usr/bin:$root/sbin:$root/bin:$PATH"
    export LD_LIBRARY_PATH="$root/usr/lib/$(uname -m)-linux-gnu:$root/lib/$(uname -m)-linux-gnu"
}
# verdict STATUS: the last line; STATUS is 0 where the behaviour is still as described.
verdict() {
    [ "$1" = 0 ] && echo "as described" || echo "CHANGED: the behaviour is no longer as described"
    exit "$1"
}

debian openvswitch-common=3.1.0-2+deb12u1 libunbound8 libevent-2.1-7 libxdp1 libbpf1 libelf1 libnuma1 libcap-ng0 libnettle8 \
    libhogweed6 libgmp10 libssl3 zlib1g
cat >"$tmp/schema" <<'SCHEMA'
{"name": "Measured", "version": "1.0.0", "tables": {"Delay": {"columns": {
    "name": {"type": "string"}, "r": {"type": "real"}}, "isRoot": true}}}
SCHEMA
ovsdb-tool create "$tmp/database" "$tmp/schema" || skip "ovsdb-tool does not run"
# transact OPERATIONS PYTHON: the transaction's results as `results`, in this expression.
transact() {
    ovsdb-tool transact "$tmp/database" "[\"Measured\", $1]" >"$tmp/results"
    env -u LD_LIBRARY_PATH python3 -c "import json, sys; results = json.load(open(sys.argv[1])); print($2)" "$tmp/results"
}

named='"where": [["name", "==", "sum"]]'
find='{"op": "select", "table": "Delay", "where": [["r", "==", 0.3]], "columns": ["name"]}'
first=$(transact '{"op": "insert", "table": "Delay", "row": {"name": "sum", "r": 0.1}},
    {"op": "mutate", "table": "Delay", '"$named"', "mutations": [["r", "+=", 0.2]]},
    {"op": "select", "table": "Delay", '"$named"', "columns": ["r"]}, '"$find" \
    'results[2]["rows"][0]["r"], len(results[3]["rows"])')
again=$(transact "$find" 'len(results[0]["rows"])')
echo "0.1 + 0.2 as it is returned, and how many rows have 0.3: $first; when the file is read again: $again"

large=$(transact '{"op": "insert", "table": "Delay", "row": {"name": "large", "r": 9007199254740993}},
    {"op": "select", "table": "Delay", "where": [["name", "==", "large"]], "columns": ["r"]},
    {"op": "select", "table": "Delay", "where": [["r", "==", 9007199254740992]], "columns": ["name"]}' \
    'int(results[1]["rows"][0]["r"]), len(results[2]["rows"])')
later=$(transact '{"op": "select", "table": "Delay", "where": [["r", "==", 9007199254740992]], "columns": ["name"]}' \
    'len(results[0]["rows"])')
echo "9007199254740993 as it is returned, and how many rows have 9007199254740992: $large; when the file is read again: $later"

[ "$first $again" = "0.3 0 1" ] && [ "$large $later" = "9007199254740990 1 0" ] || verdict 1
verdict 0
