"""The shortest request that still goes wrong in the same way, and the line for a shell that sends it."""

import shlex
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from fuzzing.plans import Plan
from fuzzing.wire import Request

MOST = 150  # requests spent on one failure
LONGEST = 2000  # bytes of a body that are written out


def shorten(plan: Plan, still: Callable[[Plan], bool]) -> Plan:
    """Leave out what does not matter; the plan has no references, and `still` sends it again."""
    spent = 0
    again = True
    while again:
        again = False
        for candidate in _shorter(plan):
            spent += 1
            if spent > MOST:
                return plan
            if still(candidate):
                plan, again = candidate, True
                break
    return plan


def _shorter(plan: Plan) -> Iterator[Plan]:
    """Plans with one thing less."""
    for name in ("query", "headers"):
        pairs = getattr(plan, name)
        for index in range(len(pairs)):
            yield replace(plan, **{name: pairs[:index] + pairs[index + 1 :]})
        for index, (key, held) in enumerate(pairs):
            for less in _smaller(held):
                yield replace(plan, **{name: (*pairs[:index], (key, less), *pairs[index + 1 :])})
    if plan.tail:
        yield replace(plan, tail="")
    if plan.body is not None:
        yield replace(plan, body=None)
    if isinstance(plan.body, bytes) and len(plan.body) > 1:
        half = len(plan.body) // 2
        yield replace(plan, body=plan.body[:half])
        yield replace(plan, body=plan.body[half:])
    elif plan.body is not None:
        for smaller in _smaller(plan.body):
            yield replace(plan, body=smaller)


def _smaller(value: Any) -> Iterator[Any]:
    """The value with one part left out or itself made smaller."""
    if isinstance(value, dict):
        for name in value:
            yield {other: held for other, held in value.items() if other != name}
        for name in value:
            yield from ({**value, name: less} for less in _smaller(value[name]))
    elif isinstance(value, list):
        for index in range(len(value)):
            yield value[:index] + value[index + 1 :]
        for index in range(len(value)):
            yield from ([*value[:index], less, *value[index + 1 :]] for less in _smaller(value[index]))
    elif isinstance(value, str) and len(value) > 1:
        yield value[: len(value) // 2]


def curl(request: Request, whose: str) -> str:
    """The request as a line for a shell: `$URL` is where the reference answers, `$OS_TOKEN` a token of `whose`."""
    words = ["curl", "-i", "--globoff", "--path-as-is", "-X", request.method]
    words += ["-I"] if request.method == "HEAD" else []
    shown = [word for name, text in request.headers for word in ("-H", f"{name}: {text}" if text else f"{name};")]
    line = [
        shlex.join(words),
        *(_quoted(word.encode("latin-1")) if index % 2 else word for index, word in enumerate(shown)),
    ]
    if whose:
        line += ["-H", '"X-Auth-Token: $OS_TOKEN"']
    if request.body is not None:
        line += ["-H", "'Content-Type: application/json'"] if "content-type" not in _names(request) else []
        line += ["--data-binary", _body(request.body)]
    return " ".join([*line, f'"$URL"{shlex.quote(request.target)}', *([f"# {whose}"] if whose else [])])


def _names(request: Request) -> set[str]:
    return {name.lower() for name, _text in request.headers}


def _body(body: bytes) -> str:
    if len(body) > LONGEST or b"\0" in body or body.startswith(b"@"):
        return f"@<(python3 -c {shlex.quote(_program(body))})"
    return _quoted(body)


def _program(body: bytes) -> str:
    first = body[:1]
    shown = f"{first!r} * {len(body)}" if body == first * len(body) else repr(body)
    return f"import sys; sys.stdout.buffer.write({shown})"


def _quoted(text: bytes) -> str:
    """For a shell that knows $'...'."""
    plain = text.decode("ascii", "replace")
    if plain.isprintable() and "\ufffd" not in plain:
        return shlex.quote(plain)
    return "$'" + "".join(chr(b) if 32 <= b < 127 and b not in b"'\\" else f"\\x{b:02x}" for b in text) + "'"
