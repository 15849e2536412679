#!/usr/bin/env bash
# wsgi-intercept 1.13.1: an application that fails and answers 500 is seen by the test as 200.
#
# Expected: PEP 3333: start_response called again with exc_info, before the headers are out, replaces status and
#   headers. wsgi-intercept "installs a WSGI application in place of a real host for testing" (its README).
# Seen: status 200 and none of the error's headers; the body is the error's. On a server (wsgiref, beside it): 500.
# Why: the start_response of wsgi_intercept.wsgi_fake_socket writes "HTTP/1.0 STATUS" to its output on each call:
#   the first line wins, and the second one is read as a broken header, after which no header counts.
# Hurts: suites that test services with error middleware this way: the failure that they look for passes as 200.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export no_proxy=127.0.0.1
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check \
    wsgi-intercept==1.13.1 requests==2.34.2 urllib3==2.8.0
"$dir/venv/bin/python" -W ignore - <<'EOF'
import sys, threading
from wsgiref.simple_server import WSGIRequestHandler, make_server
import requests
from wsgi_intercept.interceptor import RequestsInterceptor

def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    try:
        raise KeyError("row")
    except KeyError:
        start_response("500 Internal Server Error", [("X-Error", "row")], sys.exc_info())
    return [b"failed"]

class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass

def seen(url):
    response = requests.get(url)
    return response.status_code, response.headers.get("X-Error"), response.text

server = make_server("127.0.0.1", 0, app, handler_class=Quiet)
threading.Thread(target=server.serve_forever, daemon=True).start()
print("wsgiref:       ", seen(f"http://127.0.0.1:{server.server_port}/"))
with RequestsInterceptor(lambda: app, host="service.test", port=80):
    intercepted = seen("http://service.test/")
print("wsgi-intercept:", intercepted)
if intercepted != (200, None, "failed"):
    sys.exit("changed")
EOF
