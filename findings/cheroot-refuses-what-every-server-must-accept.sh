#!/usr/bin/env bash
# cheroot 11.1.2: a request whose target is a whole URI, or a path that begins with two slashes, is answered 400.
#
# Expected: RFC 9112, 3.2.2: "a server MUST accept the absolute-form in requests", though most clients send it to
#   proxies only. RFC 9112, 3.2.1, with RFC 9110, 4.1: an absolute-path may begin with "//" (an empty first segment).
#   waitress, gunicorn and granian serve both.
# Seen: 400 "Absolute URI not allowed if server is not a proxy." for GET http://host/v2.1 and for GET //v2.1.
# Why: cheroot.server.HTTPRequest.read_request_line refuses a target with a scheme or an authority in strict_mode, the
#   default, unless proxy_mode is set; urlsplit, which it asks, takes //v2.1 for an authority.
# Hurts: clients whose http_proxy is the service or a plain forwarder before it; and endpoint URLs in a catalog that end
#   in a slash, to which a client adds "/v2.1": harmless elsewhere, a bad request here.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check cheroot==11.1.2 waitress==3.0.2
cat > "$dir/service.py" <<'EOF'
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["PATH_INFO"].encode()]
EOF
cat > "$dir/ask.py" <<'EOF'
import http.client, socket, subprocess, sys, time

def answers(command):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([word.replace("PORT", str(port)) for word in command], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while socket.socket().connect_ex(("127.0.0.1", port)) and time.monotonic() < deadline:
            time.sleep(0.1)
        seen = []
        for target in ("/v2.1", f"http://127.0.0.1:{port}/v2.1", "//v2.1"):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.putrequest("GET", target)
            connection.endheaders()
            seen.append(connection.getresponse().status)
            connection.close()
        return seen
    finally:
        server.terminate()
        server.wait(20)

bin = sys.argv[1]
start = "import service, cheroot.wsgi; cheroot.wsgi.Server(('127.0.0.1', PORT), service.app).start()"
print("/v2.1, http://host/v2.1 and //v2.1")
print("waitress:", answers([f"{bin}/waitress-serve", "--listen=127.0.0.1:PORT", "service:app"]))
cheroot = answers([f"{bin}/python", "-c", start])
print("cheroot: ", cheroot)
if cheroot != [200, 400, 400]:
    sys.exit("changed")
EOF
cd "$dir"
"$dir/venv/bin/python" ask.py "$dir/venv/bin"
