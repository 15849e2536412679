"""The guest's script in namespaces of its own, beside a program that serves at an address there."""

import shlex
import sys
from pathlib import Path

from conformance.guests.console import ConsoleReader
from conformance.guests.script import Plan
from conformance.guests.words import Words
from conformance.tests.test_guest_script import console_of, script

# give the address $1, start the program $3, wait until it says by the pipe $2 that it is ready, then run the rest
TOGETHER = """ip link set lo up; ip addr add "$1/32" dev lo
mkfifo "$2"; sh -c "exec $3" > "$2" & read -r _ < "$2"
shift 3; "$@"
"""


def words_beside(tmp_path: Path, shell: list[str], plan: Plan, address: str, program: str, *arguments: str) -> Words:
    """The script's words; the Python `program` serves at the address, and prints a line once it does."""
    (tmp_path / "program.py").write_text(program)
    serve = shlex.join([sys.executable, str(tmp_path / "program.py"), *arguments])
    together = ["sh", "-c", TOGETHER, "sh", address, str(tmp_path / "ready"), serve]
    console = console_of([*together, *shell, script(tmp_path, plan)], tmp_path)
    print(console[-2000:])
    return Words.parse(ConsoleReader(plan.nonce).read(console) or "")
