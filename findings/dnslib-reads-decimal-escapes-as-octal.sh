#!/usr/bin/env bash
# Software: dnslib 0.9.26 (RR.fromZone and toZone), beside dnspython 2.7.0.
# Expected: RFC 1035, 5.1: "\DDD where each D is a digit is the octet corresponding to the decimal number described by DDD", and
#   "\X" quotes any other character, "so that its special meaning does not apply", in names and strings alike.
# Seen: "\101" in a quoted string is A (octal) where it is e, and "\195\169" is a ValueError. Without quotes `\101` stays four
#   characters, and `v=DKIM1\;k=rsa` ends at the semicolon. The name `a\.b`, one label, is written by toZone as a.b, two labels; a
#   string with a quotation mark in it is written without its backslash, and cannot be read back. dnspython has all of them right.
# Why: the lexer reads the three digits in base 8 and knows escapes within quotes alone; toZone escapes nothing printable.
# Hurts: zone files as name servers write them (RFC 1035's form is what BIND and NSD print), served or converted by dnslib: other
#   text, a key cut in half, another name.
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
import dns.message
import dns.rdata
from dnslib import RR, DNSRecord


def by_dnslib(text: str) -> object:
    try:
        [record] = RR.fromZone(f"host.example.org. 60 IN TXT {text}\n")
        return b"".join(record.rdata.data)
    except (ValueError, IndexError) as error:
        return type(error).__name__


def by_dnspython(text: str) -> bytes:
    return b"".join(dns.rdata.from_text("IN", "TXT", text).strings)


STRINGS = {
    r'"\101"': (b"A", b"e"),
    r'"\195\169"': ("ValueError", b"\xc3\xa9"),
    r"\101": (rb"\101", b"e"),
    r"v=DKIM1\;k=rsa": (rb"v=DKIM1" + b"\\", b"v=DKIM1;k=rsa"),
}
changed = False
for text, expected in STRINGS.items():
    seen = by_dnslib(text), by_dnspython(text)
    print(f"TXT {text} - dnslib: {seen[0]} - dnspython: {seen[1]}")
    changed |= seen != expected

[quoted] = RR.fromZone('host.example.org. 60 IN TXT "a\\"b"\n')
written = quoted.rdata.toZone()
again = by_dnslib(written)
print(f"a string of a, a quotation mark and b is written: {written} - and read back: {again}")
changed |= (written, again) != ('"a"b"', "IndexError")

query = bytes.fromhex("0000 0000 0001 0000 0000 0000") + b"\x03a.b\x07example\x03org\0" + bytes.fromhex("0001 0001")
labels = DNSRecord.parse(query).q.qname
other = dns.message.from_wire(query).question[0].name
print(f"the label of a, dot and b - dnslib: {labels} - dnspython: {other}")
changed |= (str(labels), str(other)) != ("a.b.example.org.", r"a\.b.example.org.")
raise SystemExit(changed)
PYTHON
