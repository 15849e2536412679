"""What `tools/bench real` counts in a suite of any revision, and how it compares two runs' verdicts."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from benching import real
from benching.__main__ import main

A, B, C = (f"0a1b2c3d-0000-4000-8000-00000000000{digit}" for digit in "abc")
OWNER = {"project_id": "p", "tenant_id": "p"}
ANSWERS = {
    "/v2.0/auto-allocated-topology/None": {"auto_allocated_topology": {**OWNER, "id": A}},
    "/v2.0/auto-allocated-topology/None?fields=dry-run": {"auto_allocated_topology": {"id": "dry-run=pass"}},
    "/v2.0/networks": {
        "networks": [
            {"id": A, "name": "auto_allocated_network", "subnets": ["s"]},
            {"name": "auto_allocated_network", "tags": [], "id": B},
            {"id": C, "name": "mine"},
        ]
    },
}
# as the client of requests does it, and as races do
CLIENT = """
import http.client, socket, sys
port = int(sys.argv[1])
line = http.client.HTTPConnection("127.0.0.1", port)
for path in sys.argv[2:]:
    line.request("GET", path)
    line.getresponse().read()
sock = socket.create_connection(("127.0.0.1", port))
request = b"GET /v2.0/auto-allocated-topology/None HTTP/1.1\\r\\nhost: x\\r\\nconnection: close\\r\\n\\r\\n"
sock.sendall(request[:-1])
sock.send(request[-1:])
while sock.recv(100):
    pass
"""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = json.dumps(ANSWERS[self.path]).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("paths", "requests", "topologies"),
    [
        ([], 1, {A}),
        (["/v2.0/auto-allocated-topology/None?fields=dry-run"], 2, {A}),
        (["/v2.0/networks", "/v2.0/networks"], 3, {A, B}),
    ],
)
def test_requests_and_topologies_are_counted_where_they_are_sent(
    tmp_path: Path, port: int, paths: list[str], requests: int, topologies: set[str]
) -> None:
    notes = tmp_path / "sent"
    variables = {**os.environ, "PYTHONPATH": str(real.COUNTED), "GMAN_BENCH_SENT": str(notes)}
    subprocess.run([sys.executable, "-c", CLIENT, str(port), *paths], env=variables, check=True, timeout=60)
    assert real.counted(notes) == (requests, len(topologies))
    assert set(notes.read_text().split()) == {"request", *topologies}


def test_nothing_is_counted_without_the_variable(tmp_path: Path, port: int) -> None:
    variables = {name: value for name, value in os.environ.items() if name != "GMAN_BENCH_SENT"}
    variables["PYTHONPATH"] = str(real.COUNTED)
    command = [sys.executable, "-c", CLIENT, str(port)]
    subprocess.run(command, env=variables, cwd=tmp_path, check=True, timeout=60)
    assert list(tmp_path.iterdir()) == []


def test_two_verdicts_are_compared_id_by_id() -> None:
    before = {"N-1": "pass", "N-2": "fail", "N-3": "pass"}
    assert real.differences(before, {"N-1": "pass", "N-2": "fail", "N-4": "fail"}) == "0 other states"
    line = "2 other states (N-2 fail -> pass; N-3 pass -> not-claimed)"
    assert real.differences(before, {"N-2": "pass", "N-3": "not-claimed"}) == line


def test_an_unknown_cloud_is_reported_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["real", "--cloud", "nowhere"]) == 3
    assert capsys.readouterr().err.startswith("tools/bench: cloud 'nowhere'")


@pytest.mark.parametrize("arguments", [["--rounds", "0"], ["--processes", "none"], ["86ecc7e"]])
def test_an_invalid_command_line_is_reported_in_one_line(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["real", *arguments])
    assert ended.value.code == 3
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
