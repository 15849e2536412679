#!/usr/bin/env bash
# granian 2.8.9 (WSGI): after wsgi.input.read(n), or readline(), a read() without a size returns b"": the rest is lost.
#
# Expected: PEP 3333, "Input and Error Streams": read, readline and readlines have the semantics of a file's methods:
#   read() returns what is left. readline(size) has to be supported since PEP 3333.
# Seen: of a body "first\nsecond\nthird", read(3) then read() gives b"fir", b""; readline() then read() likewise. A
#   second read *with* a size does go on, so nothing was at its end. readline(3) ignores the size.
#   gunicorn, beside it, does all of this as the PEP says.
# Why: in src/wsgi/types.rs of granian, WSGIBody.read(size) and readline() move what came into a buffer and hand out a
#   part of it; read() collects what is still in the stream and forgets the buffer. readline calls its size _size.
# Hurts: services that look at the first bytes before they parse (magic numbers, a BOM, multipart preambles, JSON lines
#   with a header line): they get an empty rest, and answer as if the client had sent it.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export no_proxy=127.0.0.1
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check granian==2.8.9 gunicorn==27.0.1
cat > "$dir/service.py" <<'EOF'
READS = {
    "/read-all": lambda body: [body.read()],
    "/read-3-then-rest": lambda body: [body.read(3), body.read()],
    "/line-then-rest": lambda body: [body.readline(), body.read()],
    "/read-3-then-100": lambda body: [body.read(3), body.read(100)],
    "/line-of-3": lambda body: [body.readline(3)],
}

def app(environ, start_response):
    answer = repr(READS[environ["PATH_INFO"]](environ["wsgi.input"])).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(answer)))])
    return [answer]
EOF
cat > "$dir/ask.py" <<'EOF'
import socket, subprocess, sys, time, urllib.request
sys.path.insert(0, ".")
from service import READS

def answers(command):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    server = subprocess.Popen([word.replace("PORT", port) for word in command], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while socket.socket().connect_ex(("127.0.0.1", int(port))) and time.monotonic() < deadline:
            time.sleep(0.1)
        body = b"first\nsecond\nthird"
        return {path: urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", body, 10).read().decode()
                for path in READS}
    finally:
        server.terminate()
        server.wait(20)

bin = sys.argv[1]
gunicorn = answers([f"{bin}/gunicorn", "--bind", "127.0.0.1:PORT", "service:app"])
granian = answers([f"{bin}/granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", "PORT", "service:app"])
for path in READS:
    print(f"{path[1:]:17} gunicorn {gunicorn[path]:32} granian {granian[path]}")
if granian["/read-3-then-rest"] != "[b'fir', b'']" or granian["/line-then-rest"] != "[b'first\\n', b'']":
    sys.exit("changed")
EOF
cd "$dir"
"$dir/venv/bin/python" ask.py "$dir/venv/bin"
