#!/usr/bin/env bash
# keystoneauth1 5.18.1 cannot follow a redirect whose Location is relative.
#
# Expected: RFC 9110, 10.2.2: Location is a URI-reference; a relative one is resolved against the URI of the request.
#   Servers send such ones (a trailing slash added: "Location: /v3/"); requests, on which keystoneauth is built,
#   follows them.
# Seen: UnknownConnectionError: "Invalid URL '/there': No scheme supplied", as if the network were at fault.
# Why: keystoneauth1.session.Session switches the redirects of requests off and does its own: _send_request hands
#   resp.headers['location'] as it is to the next request. The comment there cites RFC 7231, 7.1.2, for a whole URI,
#   and that section allows the relative form, too.
# Hurts: clouds behind proxies or frameworks that answer with relative redirects: curl works, every OpenStack client
#   fails.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export no_proxy=127.0.0.1
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check keystoneauth1==5.18.1 requests==2.34.2
"$dir/venv/bin/python" - <<'EOF'
import sys, threading
from http.server import BaseHTTPRequestHandler, HTTPServer
import requests
from keystoneauth1 import exceptions, session

class Service(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass
    def do_GET(self):
        self.send_response(308 if self.path == "/here" else 200)
        self.send_header("Location", "/there")
        self.send_header("Content-Length", "0")
        self.end_headers()

server = HTTPServer(("127.0.0.1", 0), Service)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/here"
print("requests:    ", requests.get(url).status_code, requests.get(url).url)
try:
    answer = session.Session().get(url)
except exceptions.UnknownConnectionError as error:
    print("keystoneauth:", type(error).__name__, error)
else:
    sys.exit(f"changed: {answer.status_code} {answer.url}")
EOF
