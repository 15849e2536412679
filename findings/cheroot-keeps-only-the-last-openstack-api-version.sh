#!/usr/bin/env bash
# cheroot 11.1.2: of a header that comes twice the application sees the last line only, but for 23 names of a list.
#
# Expected: RFC 9110, 5.3: lines of one name are one list, joined with commas in their order; RFC 3875, 4.1.18, on which
#   PEP 3333 builds: the server MUST make several lines of one name one value "having the same semantics". A client may
#   name several services in OpenStack-API-Version: microversion-parse, which Nova and Placement use, folds such lines.
# Seen: "OpenStack-API-Version: compute 2.37" and then "...: placement 1.36" reach the service as "placement 1.36": for
#   Compute (microversion-parse) no version was asked for, and it answers in 2.1. X-Forwarded-For loses its first hops.
# Why: cheroot.server.HeaderReader joins only names in comma_separated_headers (RFC 2616's); any other name is
#   overwritten by its last line.
# Hurts: services on cheroot (CherryPy's server) behind proxies that add a line of their own, and clients that set a
#   microversion for each of their services on one session.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check \
    cheroot==11.1.2 waitress==3.0.2 microversion-parse==2.1.0
cat > "$dir/service.py" <<'EOF'
import microversion_parse

def app(environ, start_response):
    headers = {key[5:].replace("_", "-"): value for key, value in environ.items() if key.startswith("HTTP_")}
    version = microversion_parse.get_version(headers, service_type="compute")
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{environ['HTTP_OPENSTACK_API_VERSION']!r}: microversion for compute = {version}".encode()]
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
        connection.putrequest("GET", "/")
        connection.putheader("OpenStack-API-Version", "compute 2.37")
        connection.putheader("OpenStack-API-Version", "placement 1.36")
        connection.endheaders()
        return connection.getresponse().read().decode()
    finally:
        server.terminate()
        server.wait(20)

bin = sys.argv[1]
start = "import service, cheroot.wsgi; cheroot.wsgi.Server(('127.0.0.1', PORT), service.app).start()"
print("waitress:", answer([f"{bin}/waitress-serve", "--listen=127.0.0.1:PORT", "service:app"]))
cheroot = answer([f"{bin}/python", "-c", start])
print("cheroot: ", cheroot)
if cheroot != "'placement 1.36': microversion for compute = None":
    sys.exit("changed")
EOF
cd "$dir"
"$dir/venv/bin/python" ask.py "$dir/venv/bin"
