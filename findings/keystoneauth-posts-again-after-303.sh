#!/usr/bin/env bash
# keystoneauth1 5.18.1 answers a 303 See Other to a POST with a second POST, body and all.
#
# Expected: RFC 9110, 15.4.4: a 303 tells that the user agent is redirected to a different resource, to be read by GET
#   (or HEAD); it is what a server sends so that a POST is *not* repeated. requests and curl send GET.
# Seen: POST /jobs {"size": 1}, then POST /jobs/1 {"size": 1}.
# Why: keystoneauth1.session.Session._send_request treats 301, 302, 303, 305, 307 and 308 alike and passes method and
#   body on. Its comment explains why a POST stays a POST for 301 and 302; for 303 it must not.
# Hurts: services with the pattern "make, then see other": the object is made, or changed, twice.
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
from keystoneauth1 import session

calls = []

class Service(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        calls.append(f"{self.command} {self.path} {body}".strip())
        self.send_response(303 if self.path == "/jobs" else 200)
        self.send_header("Location", f"http://127.0.0.1:{server.server_port}/jobs/1")
        self.send_header("Content-Length", "0")
        self.end_headers()
    do_GET = do_POST

server = HTTPServer(("127.0.0.1", 0), Service)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/jobs"
requests.post(url, json={"size": 1})
print("requests:    ", calls)
calls.clear()
session.Session().post(url, json={"size": 1})
print("keystoneauth:", calls)
if [call.split()[0] for call in calls] != ["POST", "POST"]:
    sys.exit("changed")
EOF
