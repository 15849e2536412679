#!/usr/bin/env bash
# oslo.middleware 8.2.0: HTTPProxyToWSGI takes the quotes of a Forwarded header for part of the value.
#
# Expected: RFC 7239, 4: a value is a token or a quoted-string, and both mean the same; 6: an IPv6 address is written
#   in brackets and has to be quoted, for="[2001:db8::1]:4711"; HTTP allows proto="https" as well as proto=https.
# Seen: REMOTE_ADDR is '"[2001:db8::1]:4711"' with the quotes (each IPv6 client's), wsgi.url_scheme is '"https"', so
#   that every link of the service starts with "https"://; a quoted comma (by="a,b") splits the value in two.
# Why: HTTPProxyToWSGI._parse_rfc7239_header splits at each comma and semicolon and strips blanks, nothing else.
# Hurts: clouds behind proxies that send Forwarded (HAProxy's "option forwarded"): logs, audit events and limits by
#   address have a text that no parser of addresses takes; links are broken.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check oslo.middleware==8.2.0 WebOb==1.8.11
"$dir/venv/bin/python" -W ignore - <<'EOF'
import sys
import webob
from oslo_middleware.http_proxy_to_wsgi import HTTPProxyToWSGI

def seen_behind(forwarded):
    environ = {}
    def service(received, start_response):
        environ.update(received)
        start_response("200 OK", [])
        return []
    middleware = HTTPProxyToWSGI(service, {"enable_proxy_headers_parsing": True})
    webob.Request.blank("/", headers={"Forwarded": forwarded}).get_response(middleware)
    return environ.get("REMOTE_ADDR"), environ["wsgi.url_scheme"]

wanted = {
    "for=192.0.2.1;proto=https": ("192.0.2.1", "https"),
    'for="[2001:db8::1]:4711";proto=https': ('"[2001:db8::1]:4711"', "https"),
    'for="192.0.2.1";proto="https"': ('"192.0.2.1"', '"https"'),
}
for forwarded, expected in wanted.items():
    seen = seen_behind(forwarded)
    print(f"Forwarded: {forwarded:38} REMOTE_ADDR, url_scheme = {seen}")
    if seen != expected:
        sys.exit("changed")
EOF
