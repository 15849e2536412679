#!/usr/bin/env bash
# python-openstackclient 10.5.0: "network auto allocated topology create --check-resources" prints None where the
# cloud is set up for "get me a network".
#
# Expected: "dry_run | pass". The command's help: --check-resources "Validate the requirements for auto allocated
#   topology. Does not return a topology." The Networking API reference (Auto Allocated Topologies, fields=dry-run):
#   an answer of "id": "dry-run=pass" means that all is there, 409 that it is not.
# Seen: {"dry_run": null} and exit code 0 for the answer that says pass.
# Why: openstackclient.network.v2.network_auto_allocated_topology._format_check_resource writes "pass" to the attribute
#   check_resource, and _format_check_resource_columns shows dry_run, which nothing fills.
# Hurts: operators who read None as "not set up", and scripts that compare with "pass".
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export no_proxy=127.0.0.1 HOME="$dir"
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check \
    python-openstackclient==10.5.0 openstacksdk==4.22.0 osc-lib==4.7.0
"$dir/venv/bin/python" - "$dir/venv/bin/openstack" <<'EOF'
import json, os, subprocess, sys, threading
from http.server import BaseHTTPRequestHandler, HTTPServer

class Cloud(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass
    def answer(self, status, answer):
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-Subject-Token", "t")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        if self.path.endswith("fields=dry-run"):
            return self.answer(200, {"auto_allocated_topology": {"id": "dry-run=pass", "tenant_id": "p1"}})
        if self.path.startswith("/network"):
            link = [{"rel": "self", "href": url + "/network/v2.0/"}]
            return self.answer(200, {"versions": [{"id": "v2.0", "status": "CURRENT", "links": link}]})
        link = [{"rel": "self", "href": url + "/identity/v3/"}]
        self.answer(200, {"version": {"id": "v3.14", "status": "stable", "links": link}})
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        domain = {"id": "default", "name": "Default"}
        endpoints = [{"id": "e", "interface": "public", "region": "R", "region_id": "R", "url": url + "/network"}]
        self.answer(201, {"token": {
            "methods": ["password"], "user": {"id": "u1", "name": "u", "domain": domain},
            "project": {"id": "p1", "name": "p", "domain": domain}, "roles": [{"id": "r", "name": "member"}],
            "issued_at": "2026-01-01T00:00:00.000000Z", "expires_at": "2099-01-01T00:00:00.000000Z",
            "catalog": [{"type": "network", "name": "neutron", "id": "n", "endpoints": endpoints}]}})

server = HTTPServer(("127.0.0.1", 0), Cloud)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"
cloud = {"OS_AUTH_URL": url + "/identity/v3", "OS_USERNAME": "u", "OS_PASSWORD": "p", "OS_PROJECT_NAME": "p",
         "OS_USER_DOMAIN_ID": "default", "OS_PROJECT_DOMAIN_ID": "default", "OS_IDENTITY_API_VERSION": "3"}
command = [sys.argv[1], *"network auto allocated topology create --check-resources -f json".split()]
done = subprocess.run(command, env={**os.environ, **cloud}, capture_output=True, text=True, timeout=60)
print("the cloud said: dry-run=pass")
print("openstack said:", done.returncode, done.stdout.strip(), done.stderr.strip()[-200:])
if done.returncode or json.loads(done.stdout) != {"dry_run": None}:
    sys.exit("changed")
EOF
