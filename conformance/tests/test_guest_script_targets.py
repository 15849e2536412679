"""The script tries a target again if that must answer, and once if it must not."""

from pathlib import Path

import pytest

from conformance.guests.script import Plan
from conformance.tests.guest_beside import words_beside
from conformance.tests.guest_records import NONCE, mac_of
from conformance.tests.test_guest_script import SECONDS, in_namespaces, shells

ADDRESS = "10.0.9.9"
PAGE = f"gman-guest {NONCE} {mac_of(9)}"
SILENT = 3  # calls that get no answer before one is answered
# closes the first connections at once, and answers the later ones
TARGET = f"""
import socket
listening = socket.create_server(("{ADDRESS}", 8042))
print("ready", flush=True)
for _ in range({SILENT}):
    listening.accept()[0].close()
while True:
    connection = listening.accept()[0]
    connection.recv(1000)
    connection.sendall(b"HTTP/1.0 200 OK\\r\\n\\r\\n{PAGE}\\n")
    connection.close()
"""


def tried(tmp_path: Path, shell: list[str], plan: Plan) -> dict[str, str]:
    """What the script says of its target, which answers after SILENT callers."""
    words = words_beside(tmp_path, shell, plan, ADDRESS, TARGET)
    assert words.reached
    return words.reached


@in_namespaces
@pytest.mark.parametrize("shell", shells())
def test_a_target_that_must_answer_is_tried_again(tmp_path: Path, shell: list[str]) -> None:
    plan = Plan(versions=(), targets=[ADDRESS], answered=SECONDS)
    assert tried(tmp_path, shell, plan) == {ADDRESS: f"{NONCE} {mac_of(9)}"}


@in_namespaces
def test_a_target_that_must_not_answer_is_tried_once(tmp_path: Path) -> None:
    assert tried(tmp_path, shells()[0], Plan(versions=(), targets=[ADDRESS])) == {ADDRESS: ""}
