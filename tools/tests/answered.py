"""Hand-written answers, for tests of their comparison."""

import json
from typing import Any

from fuzzing.wire import Answer

A, B, C = (f"{digit}1111111-1111-1111-1111-111111111111" for digit in "abc")


def answer(status: int = 200, body: Any = None, content: str = "application/json") -> Answer:
    return Answer(status, {"content-type": content}, json.dumps(body).encode())
