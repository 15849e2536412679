#!/usr/bin/env bash
# Software: requests-mock 1.12.1, request_history and last_request.
# Expected: docs/history.rst: "hostname: The host name that the request was sent to", "port: The port the request was sent to"; of
#   http://[2001:db8::5]:9696/ they are 2001:db8::5 and 9696, as urllib.parse (with which the same object reads path and query),
#   RFC 3986 and requests have it. With a user in the URL the host is what stands behind the @.
# Seen: hostname is "[2001" for every IPv6 address, the port is 80 instead of 9696, and of http://[2001:9696::5]/ it is 9696, which
#   is a part of the address; of http://user:pass@cloud:9696/ the host is "user" and the port 80.
# Why: _RequestObjectProxy splits the netloc at each ":" and takes the first two parts, instead of urlparse's hostname and port.
# Hurts: tests of clients that assert to which endpoint a request went, where endpoints have IPv6 addresses.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check requests-mock==1.12.1 requests==2.34.2 || exit 77
"$dir/venv/bin/python" - <<'EOF'
import sys
from urllib.parse import urlsplit

import requests
import requests_mock

seen = {}
for netloc in ("cloud:9696", "[2001:db8::5]:9696", "[2001:9696::5]", "user:pass@cloud:9696"):
    url = f"http://{netloc}/v2.0"
    with requests_mock.Mocker() as mock:
        mock.get(url)
        requests.get(url)
        request = mock.last_request
    seen[netloc] = (request.hostname, request.port)
    print(f"{url}: hostname {request.hostname}, port {request.port}; urllib: {urlsplit(url).hostname}, {urlsplit(url).port}")
if seen != {
    "cloud:9696": ("cloud", 9696),
    "[2001:db8::5]:9696": ("[2001", 80),
    "[2001:9696::5]": ("[2001", 9696),
    "user:pass@cloud:9696": ("user", 80),
}:
    sys.exit("changed")
EOF
