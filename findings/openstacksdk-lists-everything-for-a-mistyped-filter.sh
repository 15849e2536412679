#!/usr/bin/env bash
# openstacksdk 4.22.0 answers a listing whose filter is mistyped with every object there is.
#
# Expected: an error. The docstring of openstack.resource.Resource.list says of allow_unknown_params, which is False
#   unless one sets it: False "will result in validation exception when unknown query parameters are passed".
# Seen: networks(naem="old") is sent as GET /v2.0/networks, without any filter, and both networks come back; the same
#   for servers. The one query parameter that the call had is gone without a word.
# Why: Resource.list calls _query_mapping._validate(..., allow_unknown_params=True) whatever the caller said, and its
#   own filters accept only names of attributes of the class.
# Hurts: anyone who deletes in a loop over such a list: one letter off, and the project is empty.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export no_proxy=127.0.0.1 OS_CLIENT_CONFIG_FILE=/dev/null
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check openstacksdk==4.22.0 keystoneauth1==5.18.1
"$dir/venv/bin/python" - <<'EOF'
import json, sys, threading
from http.server import BaseHTTPRequestHandler, HTTPServer
import openstack

paths = []
networks = [{"id": "1", "name": "old"}, {"id": "2", "name": "precious"}]

class Networking(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass
    def do_GET(self):
        version = {"id": "v2.0", "status": "CURRENT", "links": [{"rel": "self", "href": url}]}
        listing = self.path.startswith("/v2.0/networks")
        if listing:
            paths.append(self.path)
        body = json.dumps({"networks": networks} if listing else {"version": version}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

server = HTTPServer(("127.0.0.1", 0), Networking)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/v2.0"
cloud = openstack.connect(auth_type="none", auth={"endpoint": url}, network_endpoint_override=url)

for strict in ({}, {"allow_unknown_params": False}):
    try:
        seen = [network.name for network in cloud.network.networks(naem="old", **strict)]
    except Exception as error:
        sys.exit(f"changed: {type(error).__name__}: {error}")
    print(f"networks(naem='old', {strict}) sent GET {paths[-1]} and returned {seen}")
    if seen != ["old", "precious"]:
        sys.exit("changed: not all networks came back")
EOF
