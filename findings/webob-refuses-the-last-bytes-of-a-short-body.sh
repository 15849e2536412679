#!/usr/bin/env bash
# WebOb 1.8.11: a request for the last 500 bytes of something shorter is answered 416 instead of with all of it.
#
# Expected: RFC 9110, 14.1.2: if what is selected is shorter than the suffix-length, "the entire representation is
#   used": 206. And a suffix of 0 bytes cannot be satisfied: 416.
# Seen: of ten bytes, "bytes=-500" gives 416 Range Not Satisfiable, "bytes=-0" gives 206 with all ten bytes; each is
#   answered as the other should be.
# Why: webob.byterange.Range.range_for_length adds the (negative) start to the length and finds -490 out of bounds
#   instead of taking 0; "-0" is parsed to 0, the start of the file.
# Hurts: "show me the end of the log", for as long as the log is short; each download by ranges that begins at the end
#   (zip and parquet files keep their index there).
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check WebOb==1.8.11
"$dir/venv/bin/python" -W ignore - <<'EOF'
import sys
import webob

seen = {}
for wanted in ("bytes=0-499", "bytes=-3", "bytes=-10", "bytes=-500", "bytes=-0"):
    response = webob.Response(b"0123456789", conditional_response=True)
    answer = webob.Request.blank("/", headers={"Range": wanted}).get_response(response)
    seen[wanted] = answer.status_int
    print(f"Range: {wanted:11} -> {answer.status}, Content-Range: {answer.headers.get('Content-Range')}")
if (seen["bytes=-500"], seen["bytes=-0"]) != (416, 206):
    sys.exit("changed")
EOF
