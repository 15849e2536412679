#!/usr/bin/env bash
# Software: python-openstackclient 10.5.0: `registered limit set --default-limit`, `port set --device`.
# Expected: an option that was given is sent. A default limit of 0, "nobody may have any unless given a limit of their own", is valid in
#   Identity's API (registered limits: default_limit is an integer from -1 on). "" clears a text of a port, as `--device-owner ""`
#   and `--description ""` of the same command do.
# Seen: `registered limit set --default-limit 0` sends no request to change it and shows the old limit, with exit status 0; 5 is sent.
#   `port set --device ""` changes nothing and says nothing.
# Why: the command asks whether the value is true where it should ask whether it was given; others of its file ask `is not None`.
# Hurts: operators who close a resource for everybody: it stays open at the old limit, and the command looked successful.
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

pypi python-openstackclient==10.5.0 openstacksdk==4.22.0 osc-lib==4.7.0 keystoneauth1==5.18.1
"$python" -W ignore - "$tmp/venv/bin/openstack" <<'PYTHON' && verdict 0 || verdict 1
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

sent = []
OBJECTS = {
    "registered_limits": {"id": "1", "service_id": "s", "resource_name": "cores", "default_limit": 10},
    "ports": {"id": "1", "name": "p", "device_id": "old", "device_owner": "old", "fixed_ips": [], "admin_state_up": True},
}

class Cloud(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def answer(self, body):
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        for name, resource in OBJECTS.items():
            if f"/{name}/" in self.path:
                return self.answer({name[:-1]: resource})
            if f"/{name}" in self.path:
                return self.answer({name: [resource]})
        self.answer({"version": {"id": VERSION, "status": "CURRENT", "links": [{"rel": "self", "href": url}]}})

    def change(self):
        sent.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.do_GET()

    do_PATCH = do_PUT = change

server = HTTPServer(("127.0.0.1", 0), Cloud)
threading.Thread(target=server.serve_forever, daemon=True).start()

def openstack(*command):
    """The bodies that the command sends, and its exit status."""
    global VERSION, url
    VERSION = "v3" if command[0] == "registered" else "v2.0"
    url = f"http://127.0.0.1:{server.server_port}/{VERSION}"
    sent.clear()
    settings = {"OS_AUTH_TYPE": "none", "OS_ENDPOINT": url, "OS_IDENTITY_API_VERSION": "3", "no_proxy": "127.0.0.1"}
    done = subprocess.run([sys.argv[1], *command], env=os.environ | settings, capture_output=True, text=True, timeout=120)
    print(*[word or '""' for word in command], "sends", sent, "exit", done.returncode, done.stderr.strip()[-200:])
    return [value for body in sent for value in body.values() if value], done.returncode

right = [
    openstack("registered", "limit", "set", "--default-limit", "5", "1") == ([{"default_limit": 5}], 0),
    openstack("registered", "limit", "set", "--default-limit", "0", "1") == ([], 0),
    openstack("port", "set", "--device-owner", "", "1") == ([{"device_owner": ""}], 0),
    openstack("port", "set", "--device", "", "1") == ([], 0),
]
raise SystemExit(not all(right))
PYTHON
