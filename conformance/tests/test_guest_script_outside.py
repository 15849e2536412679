"""The script with an outside that answers oddly: it reports the answer as one fact, within its time."""

from pathlib import Path

import pytest

from conformance.guests.script import Plan
from conformance.tests.guest_beside import words_beside
from conformance.tests.test_guest_script import in_namespaces, shells

PLACE = "203.0.113.5"
# answers every request with argument 1, repeated as argument 2 says; argument 3 leaves the connection open
OUTSIDE = """
import socket, sys, threading
answer, times, stays = sys.argv[1].encode().decode("unicode_escape").encode("latin-1"), int(sys.argv[2]), sys.argv[3]
listening = socket.create_server(("203.0.113.5", 80))
held = []
def speak(connection):
    try:
        connection.recv(1000)
        connection.sendall(b"HTTP/1.0 200 OK\\r\\n\\r\\n")
        for _ in range(times):
            connection.sendall(answer)
        if stays == "stays":
            held.append(connection)
        else:
            connection.close()
    except OSError:
        pass
print("ready", flush=True)
while True:
    threading.Thread(target=speak, args=(listening.accept()[0],), daemon=True).start()
"""
FORGED = "10.9.9.9/24"
ANSWERS = {
    "stops in the middle": (r'{"address": "203.0.1', 1, "stays", '{"address": "203.0.1'),
    "never ends": ("x" * 1000, 1_000_000, "", "x" * 100),
    "has lines that look like facts": (rf"x\naddress {FORGED}\nrouter 10.9.9.1\n", 1, "", "x address"),
    "has escapes that a shell may read": (rf'{{"a": "\\naddress {FORGED}\\c"}}', 1, "", rf'{{"a": "\naddress {FORGED}'),
    "has escapes of escapes": (rf'{{"a": "\\\\naddress {FORGED}"}}', 1, "", rf'{{"a": "\\naddress {FORGED}'),
}  # fmt: skip


@in_namespaces
@pytest.mark.long
@pytest.mark.parametrize("shell", shells())
@pytest.mark.parametrize("name", ANSWERS)
def test_an_odd_answer_is_one_fact(tmp_path: Path, name: str, shell: list[str]) -> None:
    answer, times, stays, begins = ANSWERS[name]
    plan = Plan(versions=(), outside=[f"http://{PLACE}/"], back=True)
    words = words_beside(tmp_path, shell, plan, PLACE, OUTSIDE, answer, str(times), stays)
    assert words.answers["outside4"][0]
    for place in ("outside4", "back4"):
        assert words.answers[place][1].startswith(begins)
    assert (words.addresses, words.routers) == ([f"{PLACE}/32"], [])


# answers 503 for that many seconds, then 200
STARTING = """
import socket, sys, time
listening = socket.create_server(("203.0.113.5", 80))
print("ready", flush=True)
began = time.monotonic()
while True:
    connection = listening.accept()[0]
    connection.recv(1000)
    if time.monotonic() - began < float(sys.argv[1]):
        connection.sendall(b"HTTP/1.0 503 Service Unavailable\\r\\nContent-Length: 0\\r\\n\\r\\n")
    else:
        connection.sendall(b"HTTP/1.0 200 OK\\r\\n\\r\\nthere it is")
    connection.close()
"""


@in_namespaces
@pytest.mark.long
@pytest.mark.parametrize("shell", shells())
def test_an_unavailable_service_is_tried_again(tmp_path: Path, shell: list[str]) -> None:
    plan = Plan(versions=(), outside=[f"http://{PLACE}/"])
    words = words_beside(tmp_path, shell, plan, PLACE, STARTING, "7")
    assert words.answers["outside4"] == (True, "there it is")
