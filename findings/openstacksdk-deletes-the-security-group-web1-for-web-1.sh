#!/usr/bin/env bash
# Software: openstacksdk 4.22.0, get_security_group and delete_security_group of the cloud layer.
# Expected: delete_security_group takes a "Name or ID" and returns "True if delete succeeded, False otherwise"; names are free text.
#   delete_network, its sibling with the same words, returns False for a name that no network has.
# Seen: delete_security_group("web[1]"), where there is web1 and no web[1], sends DELETE for web1 and returns True.
#   Where there are both, get_security_group("web[1]") ends in "Multiple matches found for web[1]", and neither is found
#   by that name.
# Why: both go through the filter of the search_* methods, for which a name is also a pattern of a shell: [1] is the
#   character 1. An equal name is not preferred to one that fits the pattern.
# Hurts: anyone who names groups with an index in brackets: another group goes, and the answer is that all went well.
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

export no_proxy=127.0.0.1 OS_CLIENT_CONFIG_FILE=/dev/null
pypi openstacksdk==4.22.0 keystoneauth1==5.18.1
"$python" -W ignore - <<'PYTHON' && verdict 0 || verdict 1
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import openstack

names = {}
deleted = []

class Networking(BaseHTTPRequestHandler):
    """The version, the security groups and networks in `names`, and 204 for a DELETE."""

    def log_message(self, *args):
        pass

    def answer(self, status, body):
        data = json.dumps(body).encode() if body else b""
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        path, _, query = self.path.partition("?")
        kind = path.split("/")[2] if path.count("/") > 1 and path.split("/")[2] else ""
        if not kind:
            version = {"id": "v2.0", "status": "CURRENT", "links": [{"rel": "self", "href": url}]}
            self.answer(200, {"version": version})
        elif path.count("/") > 2:
            self.answer(404, {"NeutronError": {"type": "NotFound", "message": "not found", "detail": ""}})
        else:
            wanted = "" if "name=" not in query else query.split("name=")[1].split("&")[0].replace("%5B", "[").replace("%5D", "]")
            rows = [{"id": id, "name": name} for name, id in names.items() if wanted in ("", name)]
            self.answer(200, {kind.replace("-", "_"): rows})

    def do_DELETE(self):
        deleted.append(self.path)
        self.answer(204, None)

server = HTTPServer(("127.0.0.1", 0), Networking)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/v2.0"
cloud = openstack.connect(auth_type="none", auth={"endpoint": url}, network_endpoint_override=url)
cloud.secgroup_source = "neutron"

names = {"web1": "1111"}
network, group = cloud.delete_network("web[1]"), cloud.delete_security_group("web[1]")
print("of web1, delete_network('web[1]'):", network, "- delete_security_group('web[1]'):", group, deleted)
names = {"web1": "1111", "web[1]": "2222"}
try:
    got = cloud.get_security_group("web[1]")
except openstack.exceptions.SDKException as error:
    got = str(error)
print("of web1 and web[1], get_network('web[1]'):", cloud.get_network("web[1]").id, "- get_security_group('web[1]'):", got)
changed = (network, group, deleted) != (False, True, ["/v2.0/security-groups/1111"])
raise SystemExit(changed or "Multiple matches found for web[1]" not in str(got))
PYTHON
