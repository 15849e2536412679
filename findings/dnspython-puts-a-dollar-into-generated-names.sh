#!/usr/bin/env bash
# Software: dnspython 2.7.0, dns.zone.from_text; beside it named-compilezone of BIND 9.18 (Debian 12).
# Expected: dnspython reads BIND's $GENERATE, and knows its modifiers. BIND's manual: "Any single $ (dollar sign) symbols within the lhs
#   string are replaced by the iterator value", each may have its own `${offset[,width[,base]]}`, and `n` is a nibble in a label of
#   its own. Data with spaces is in quotes; the manual's example is `$GENERATE 1-127 HOST-$ MX "0 ."`.
# Seen: `a${0,3}-$` makes the name `a001-\$`, `b${0,3}-${10}` the name `b\${0,3}-11`, and `${0,1,n}.c` makes one name,
#   `1.c`, for 17 and for 33 instead of `1.1.c` and `1.2.c`. No error is raised. The manual's MX is "unknown rdatatype
#   '0 .'". BIND reads all of them.
# Why: only the first `${...}` of each side, and others spelled the same, are replaced; nibbles are cut off at the
#   width; the data has to be one word without quotes.
# Hurts: programs that check, compare or move zones of address pools: they see other names than the server has, and too
#   few in a reverse zone.
set -eu

tmp=$(mktemp -d)
root=$tmp/root
export HOME=$tmp PYTHONDONTWRITEBYTECODE=1
stop() {
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

debian bind9-utils=1:9.18.* bind9-libs=1:9.18.* libuv1 libnghttp2-14 libmaxminddb0 libxml2 libjson-c5 liblmdb0 libfstrm0 libprotobuf-c1 \
    libjemalloc2 libicu72
pypi dnspython==2.7.0
cat >"$tmp/read.py" <<'PYTHON'
import sys

import dns.exception
import dns.rdatatype
import dns.zone

try:
    zone = dns.zone.from_file(sys.argv[1], "example.", relativize=False)
except dns.exception.SyntaxError as error:
    print(str(error).partition(": ")[2])
else:
    for name, _, data in zone.iterate_rdatas():
        if data.rdtype not in (dns.rdatatype.SOA, dns.rdatatype.NS):
            print(name, dns.rdatatype.to_text(data.rdtype), data)
PYTHON
# readings LINE: what dnspython and what BIND make of this line in a zone.
readings() {
    printf '$TTL 60\n@ SOA ns.test. h.test. 1 60 60 60 60\n@ NS ns.test.\n%s\n' "$1" >"$tmp/zone"
    env -u LD_LIBRARY_PATH "$python" "$tmp/read.py" "$tmp/zone" | paste -sd ,
    named-compilezone -q -i none -o - example. "$tmp/zone" 2>&1 | tr -s ' \t' ' ' | sed -E '/ IN (SOA|NS) /d; s/ 60 IN / /' | paste -sd ,
}
while read -r line; do
    echo "$line"
    readings "$line" | sed 's/^/    /'
done <<'LINES' | tee "$tmp/seen"
$GENERATE 1-2 a${0,3}-$ A 192.0.2.$
$GENERATE 1-1 b${0,3}-${10} A 192.0.2.$
$GENERATE 17-33/16 ${0,1,n}.c PTR h$
$GENERATE 1-1 HOST-$ MX "0 ."
$GENERATE 1-2 d${0,3} A 192.0.2.$
LINES
cmp -s "$tmp/seen" - <<'LINES' || verdict 1
$GENERATE 1-2 a${0,3}-$ A 192.0.2.$
    a001-\$.example. A 192.0.2.1,a002-\$.example. A 192.0.2.2
    a001-1.example. A 192.0.2.1,a002-2.example. A 192.0.2.2
$GENERATE 1-1 b${0,3}-${10} A 192.0.2.$
    b\${0,3}-11.example. A 192.0.2.1
    b001-11.example. A 192.0.2.1
$GENERATE 17-33/16 ${0,1,n}.c PTR h$
    1.c.example. PTR h17.example.,1.c.example. PTR h33.example.
    1.1.c.example. PTR h17.example.,1.2.c.example. PTR h33.example.
$GENERATE 1-1 HOST-$ MX "0 ."
    unknown rdatatype '0 .'
    HOST-1.example. MX 0 .
$GENERATE 1-2 d${0,3} A 192.0.2.$
    d001.example. A 192.0.2.1,d002.example. A 192.0.2.2
    d001.example. A 192.0.2.1,d002.example. A 192.0.2.2
LINES
verdict 0
