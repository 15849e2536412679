#!/usr/bin/env bash
# keystoneauth1 5.18.1 throws away the message of an error in the two formats that OpenStack clients meet most.
#
# Expected: what the service said. Its documentation presents Session and Adapter as the way to talk to any OpenStack
#   service, and an HttpError has the attributes message and details.
# Seen: for {"badRequest": {"code": 400, "message": ...}} (Compute API guide, "Faults") and for {"NeutronError":
#   {"type": ..., "message": ..., "detail": ""}} (Networking API reference) the error reads "Unrecognized schema in
#   response body. (HTTP 400)"; details is None. Only the formats of Keystone and the API-SIG are read, and the title
#   from Placement's "errors".
# Why: keystoneauth1.exceptions.http.from_response looks for the keys "error" and "errors" alone. openstacksdk reads
#   the body again on its own (openstack.exceptions._extract_message); a client on keystoneauth has to do the same.
# Hurts: authors of small clients, and their users: quota, conflict or bad request all say the same.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export no_proxy=127.0.0.1
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check keystoneauth1==5.18.1 requests==2.34.2
"$dir/venv/bin/python" - <<'EOF'
import json, sys, threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from keystoneauth1 import exceptions, session

SAID = "Quota exceeded"
BODIES = {
    "keystone": {"error": {"code": 400, "message": SAID, "title": "Bad Request"}},
    "placement": {"errors": [{"status": 400, "title": "Bad Request", "detail": SAID}]},
    "nova": {"badRequest": {"code": 400, "message": SAID}},
    "neutron": {"NeutronError": {"type": "OverQuota", "message": SAID, "detail": ""}},
}

class Service(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass
    def do_GET(self):
        body = json.dumps(BODIES[self.path[1:]]).encode()
        self.send_response(400)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

server = HTTPServer(("127.0.0.1", 0), Service)
threading.Thread(target=server.serve_forever, daemon=True).start()
lost = []
for name in BODIES:
    try:
        session.Session().get(f"http://127.0.0.1:{server.server_port}/{name}")
    except exceptions.HttpError as error:
        print(f"{name:9} str(error) = {str(error)!r}, details = {error.details!r}")
        if SAID not in f"{error}{error.details}":
            lost.append(name)
if lost != ["nova", "neutron"]:
    sys.exit(f"changed: lost for {lost}")
EOF
