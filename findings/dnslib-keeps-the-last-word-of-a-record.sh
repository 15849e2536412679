#!/usr/bin/env bash
# Software: dnslib 0.9.26 (RR.fromZone), beside dnspython 2.7.0.
# Expected: a record is read as the RFC of its type writes it (CDS: RFC 7344, 3.1, as DS; NSEC3PARAM: RFC 5155, 4.3; OPENPGPKEY:
#   RFC 7929, 2.3, base64), or refused where the reader does not know the type. RFC 3597, 5 has a notation of its own,
#   `\# length hex`, for data of unknown types.
# Seen: `CDS 60485 5 1 2BB1...` is read as its digest: key tag, algorithm and digest type are gone. NSEC3PARAM, CERT and
#   IPSECKEY are cut the same way, and OPENPGPKEY's base64 is read as hex. There is no message. dnspython reads all of
#   them as written.
# Why: for types without a class of their own dnslib takes the last word of the line as the data in hex, without looking for `\#`.
# Hurts: servers and tests that serve a zone file by dnslib: the records are there, but malformed or with other values.
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

pypi dnslib==0.9.26 dnspython==2.7.0
"$python" - <<'PYTHON' && verdict 0 || verdict 1
import dns.rdata
from dnslib import RR

DATA = {
    "CDS": ("60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118", "2bb183af5f22588179a53b0a98631fad1a292118"),
    "NSEC3PARAM": ("1 0 12 AABBCCDD", "aabbccdd"),
    "CERT": ("PGP 0 0 ABCD", "abcd"),
    "IPSECKEY": ("10 1 2 192.0.2.38 ABCD", "abcd"),
    "OPENPGPKEY": ("ABCD", "abcd"),
}
changed = False
for kind, (text, left) in DATA.items():
    [record] = RR.fromZone(f"host.example.org. 60 IN {kind} {text}\n")
    by_dnslib = record.rdata.data.hex()
    by_dnspython = dns.rdata.from_text("IN", kind, text).to_wire().hex()
    print(f"{kind} {text} - dnslib: {by_dnslib} - dnspython: {by_dnspython}")
    changed |= by_dnslib != left or by_dnspython == left
raise SystemExit(changed)
PYTHON
