#!/usr/bin/env bash
# granian 2.8.9 (WSGI): an application that is a generator answers 200 without headers, whatever it says.
#
# Expected: PEP 3333: an application calls start_response before the iterable yields its first bytes, and that "may be
#   performed by the iterable's first iteration, so servers must not assume that start_response() has been called before
#   they begin iterating". gunicorn, waitress, cheroot and wsgiref wait for the first part of the body.
# Seen: start_response("503 Service Unavailable", [("Retry-After", "5")]) inside the generator: granian sends 200 OK and
#   no Retry-After; the body is right, so the loss does not show.
# Why: granian.wsgi._callback_wrapper passes resp.status and resp.headers (200 and none, at first) to
#   proto.response_iter right after the application returned; the generator's first line runs later.
# Hurts: middleware and services written as generators (a decorator with yield is enough): errors become successes for
#   clients, load balancers and monitors, and content types and tokens in headers are gone.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check granian==2.8.9 waitress==3.0.2
cat > "$dir/service.py" <<'EOF'
def app(environ, start_response):
    start_response("503 Service Unavailable", [("Content-Type", "text/plain"), ("Retry-After", "5")])
    yield b"come back later"
EOF
cat > "$dir/ask.py" <<'EOF'
import http.client, socket, subprocess, sys, time

def answer(command):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([word.replace("PORT", str(port)) for word in command], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while socket.socket().connect_ex(("127.0.0.1", port)) and time.monotonic() < deadline:
            time.sleep(0.1)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/")
        response = connection.getresponse()
        return response.status, response.getheader("Retry-After"), response.read()
    finally:
        server.terminate()
        server.wait(20)

bin = sys.argv[1]
print("waitress:", answer([f"{bin}/waitress-serve", "--listen=127.0.0.1:PORT", "service:app"]))
granian = answer([f"{bin}/granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", "PORT", "service:app"])
print("granian: ", granian)
if granian != (200, None, b"come back later"):
    sys.exit("changed")
EOF
cd "$dir"
"$dir/venv/bin/python" ask.py "$dir/venv/bin"
