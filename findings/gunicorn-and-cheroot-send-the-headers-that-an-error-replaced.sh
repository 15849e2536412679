#!/usr/bin/env bash
# gunicorn 27.0.1 and cheroot 11.1.2: the headers of an answer that failed are sent along with those of the error.
#
# Expected: PEP 3333, "The start_response() Callable": with exc_info, and before the headers are out, start_response
#   "should replace the currently-stored HTTP response headers with the newly-supplied ones, thus allowing the
#   application to change its mind". waitress does.
# Seen: an application that started "200 OK" with Content-Type: application/json and an ETag, and then failed: the 500
#   of both servers has both content types, and the ETag of the answer that was never made.
# Why: gunicorn.http.wsgi.Response.start_response and cheroot.wsgi.Gateway.start_response append to self.headers and
#   req.outheaders; neither empties the list when exc_info is given.
# Hurts: error middleware (Paste's, and what is made after the PEP's example): clients parse the plain text of an error
#   as JSON; caches keep the error under the ETag or Cache-Control of the good answer.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check \
    gunicorn==27.0.1 cheroot==11.1.2 waitress==3.0.2
cat > "$dir/service.py" <<'EOF'
import sys

def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json"), ("ETag", '"good"')])
    try:
        raise KeyError("row")
    except KeyError:
        start_response("500 Internal Server Error", [("Content-Type", "text/plain")], sys.exc_info())
    return [b"failed"]
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
        return response.status, response.headers.get_all("Content-Type"), response.getheader("ETag")
    finally:
        server.terminate()
        server.wait(20)

bin = sys.argv[1]
cheroot = "import service, cheroot.wsgi; cheroot.wsgi.Server(('127.0.0.1', PORT), service.app).start()"
print("waitress:", answer([f"{bin}/waitress-serve", "--listen=127.0.0.1:PORT", "service:app"]))
replaced = [answer([f"{bin}/gunicorn", "--bind", "127.0.0.1:PORT", "service:app"]),
            answer([f"{bin}/python", "-c", cheroot])]
print("gunicorn:", replaced[0])
print("cheroot: ", replaced[1])
if replaced != [(500, ["application/json", "text/plain"], '"good"')] * 2:
    sys.exit("changed")
EOF
cd "$dir"
"$dir/venv/bin/python" ask.py "$dir/venv/bin"
