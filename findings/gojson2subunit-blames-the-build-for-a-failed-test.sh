#!/usr/bin/env bash
# Software: python-subunit 1.4.6, gojson2subunit (new in 2026).
# Expected: one failed and one passed test are one failure. test2json's documentation (`go doc cmd/test2json`) ends a
#   package with an event of its own, `pass`, `fail` or `skip` without a Test, after those of its tests; and a benchmark
#   ends with the action "bench": "the benchmark printed log output but did not fail". Since Go 1.24 the compiler's
#   output comes as build-output.
# Seen: the package's `fail` becomes a second failed test "p [build]", though p was built and ran. The benchmark that
#   ended in "bench" is a failure too. For a build that failed, "q [build]" comes without the compiler's output.
# Why: a package that fails is taken for one that was not built; "bench" is no known end, and anything that printed and
#   did not end is a failure; build-output has an ImportPath and no Package, and is passed over.
# Hurts: each red run of a Go project shows a broken build that did not happen; benchmarks that print are always red.
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

pypi python-subunit==1.4.6 testtools==2.9.1 iso8601==2.1.0
export LC_ALL=C.UTF-8
cat >"$tmp/p.json" <<'JSON'
{"Time":"2026-01-01T00:00:00Z","Action":"start","Package":"p"}
{"Time":"2026-01-01T00:00:00Z","Action":"run","Package":"p","Test":"TestGood"}
{"Time":"2026-01-01T00:00:01Z","Action":"pass","Package":"p","Test":"TestGood","Elapsed":1}
{"Time":"2026-01-01T00:00:01Z","Action":"run","Package":"p","Test":"TestBad"}
{"Time":"2026-01-01T00:00:02Z","Action":"fail","Package":"p","Test":"TestBad","Elapsed":1}
{"Time":"2026-01-01T00:00:02Z","Action":"output","Package":"p","Output":"FAIL\n"}
{"Time":"2026-01-01T00:00:02Z","Action":"fail","Package":"p","Elapsed":2}
JSON
cat >"$tmp/bench.json" <<'JSON'
{"Time":"2026-01-01T00:00:00Z","Action":"start","Package":"p"}
{"Time":"2026-01-01T00:00:00Z","Action":"run","Package":"p","Test":"BenchmarkSum"}
{"Time":"2026-01-01T00:00:00Z","Action":"output","Package":"p","Test":"BenchmarkSum","Output":"BenchmarkSum 100 5 ns/op\n"}
{"Time":"2026-01-01T00:00:01Z","Action":"bench","Package":"p","Test":"BenchmarkSum","Elapsed":1}
{"Time":"2026-01-01T00:00:01Z","Action":"pass","Package":"p","Elapsed":1}
JSON
cat >"$tmp/q.json" <<'JSON'
{"ImportPath":"q","Action":"build-output","Output":"./q.go:3:1: syntax error\n"}
{"ImportPath":"q","Action":"build-fail"}
{"Time":"2026-01-01T00:00:00Z","Action":"fail","Package":"q","Elapsed":0,"FailedBuild":"q"}
JSON
# converted NAME: the ends of tests in subunit's version 1, and the exit status.
converted() {
    local status=0
    "$tmp/venv/bin/gojson2subunit" <"$tmp/$1.json" >"$tmp/$1.subunit" || status=$?
    "$tmp/venv/bin/subunit-2to1" <"$tmp/$1.subunit" >"$tmp/$1.text"
    echo "$(sed -n 's/^\(successful\|failure\): \(.*\) \[ multipart/\1 \2/p' "$tmp/$1.text" | tr '\n' ';') exit $status"
}
tests=$(converted p)
bench=$(converted bench)
build=$(converted q)
printf 'a failed test: %s\na benchmark: %s\na failed build: %s\n' "$tests" "$bench" "$build"
[ "$tests" = "successful p.TestGood;failure p.TestBad;failure p [build]; exit 1" ] || verdict 1
[ "$bench" = "failure p.BenchmarkSum; exit 1" ] && [ "$build" = "failure q [build]; exit 1" ] || verdict 1
! grep -q 'syntax error' "$tmp/q.subunit" || verdict 1
verdict 0
