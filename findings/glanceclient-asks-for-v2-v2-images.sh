#!/usr/bin/env bash
# Software: python-glanceclient 4.13.0, with keystoneauth1 5.18.1.
# Expected: "Strip version from the last component of endpoint if present" (strip_version()), so that an endpoint may be with or
#   without its version; "Please pass the version as part of the URL", says Client(). A list of images is GET .../v2/images.
# Seen: of /image/v2, as an endpoint behind one port for all services is, the version is not stripped: without `version` it is a
#   RuntimeError, with it GET /image/v2/v2/images. With a keystoneauth session not even /v2 is: GET /v2/v2/images. /v2 without
#   a session is GET /v2/images, /image is GET /image/v2/images.
# Why: strip_version() looks for the version at the beginning of the path, instead of in its last component; with a session,
#   Client() takes the version out of its result, and makes endpoint_override of the endpoint as it was.
# Hurts: scripts that pass the endpoint of the catalogue or of a clouds.yaml, where it has a version: 404.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check python-glanceclient==4.13.0 keystoneauth1==5.18.1 || exit 77
"$dir/venv/bin/python" -W ignore - <<'PYTHON'
import http.server
import sys
import threading

import glanceclient
from keystoneauth1 import noauth, session

paths = []


class Images(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        paths.append(self.path.partition("?")[0])
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b'{"images": []}')

    def log_message(self, *args):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Images)
threading.Thread(target=server.serve_forever, daemon=True).start()


def asked(path, version=None, **how):
    paths.clear()
    try:
        list(glanceclient.Client(version, f"http://127.0.0.1:{server.server_port}{path}", **how).images.list())
    except RuntimeError:
        return "RuntimeError"
    return paths[0]


token = {"token": "t"}
with_session = {"session": session.Session(auth=noauth.NoAuth())}
seen = {
    "/v2": asked("/v2", **token),
    "/image, version 2": asked("/image", "2", **token),
    "/image/v2": asked("/image/v2", **token),
    "/image/v2, version 2": asked("/image/v2", "2", **token),
    "/v2, a session": asked("/v2", **with_session),
}
for endpoint, path in seen.items():
    print(f"{endpoint}: {path}")
if list(seen.values()) != ["/v2/images", "/image/v2/images", "RuntimeError", "/image/v2/v2/images", "/v2/v2/images"]:
    sys.exit("changed")
PYTHON
