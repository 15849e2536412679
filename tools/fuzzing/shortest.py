"""The shortest request that still has the same problem, and the shell command that sends it."""

import shlex
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from fuzzing.plans import Plan
from fuzzing.wire import Request

MOST = 150  # requests for one failure
LONGEST = 2000  # bytes of a body that are written out


def shorten(plan: Plan, still: Callable[[Plan], bool]) -> Plan:
    """The plan without the parts that its problem does not need. `still(plan)` sends a plan, and returns whether it has
    the problem. The plan has no references.
    """
    spent = 0
    has_shrunk = True
    while has_shrunk:
        has_shrunk = False
        for candidate in shorter(plan):
            spent += 1
            if spent > MOST:
                return plan
            if still(candidate):
                plan, has_shrunk = candidate, True
                break
    return plan


def shorter(plan: Plan) -> Iterator[Plan]:
    """Plans with one part less, or one part smaller."""
    for name in ("query", "headers"):
        pairs = getattr(plan, name)
        for index in range(len(pairs)):
            change: dict[str, Any] = {name: pairs[:index] + pairs[index + 1 :]}
            yield replace(plan, **change)
        for index, (key, content) in enumerate(pairs):
            for smaller_content in _smaller(content):
                change = {name: (*pairs[:index], (key, smaller_content), *pairs[index + 1 :])}
                yield replace(plan, **change)
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
            yield {other: content for other, content in value.items() if other != name}
        for name in value:
            yield from ({**value, name: smaller} for smaller in _smaller(value[name]))
    elif isinstance(value, list):
        for index in range(len(value)):
            yield value[:index] + value[index + 1 :]
        for index in range(len(value)):
            yield from ([*value[:index], smaller, *value[index + 1 :]] for smaller in _smaller(value[index]))
    elif isinstance(value, str) and len(value) > 1:
        yield value[: len(value) // 2]


def curl(request: Request, caller: str) -> str:
    """The request as a shell command: `$URL` is the reference's, `$OS_TOKEN` a token of `caller`."""
    words = ["curl", "-i", "--globoff", "--path-as-is", "-X", request.method]
    words += ["-I"] if request.method == "HEAD" else []
    options = [word for name, text in request.headers for word in ("-H", f"{name}: {text}" if text else f"{name};")]
    line = [
        shlex.join(words),
        *(_quoted(word.encode("latin-1")) if index % 2 else word for index, word in enumerate(options)),
    ]
    if caller:
        line += ["-H", '"X-Auth-Token: $OS_TOKEN"']
    if request.body is not None:
        names = {name.lower() for name, _text in request.headers}
        line += ["-H", "'Content-Type: application/json'"] if "content-type" not in names else []
        line += ["--data-binary", _body(request.body)]
    return " ".join([*line, f'"$URL"{shlex.quote(request.target)}', *([f"# {caller}"] if caller else [])])


def _body(body: bytes) -> str:
    """The body as curl's argument: a text, or the output of a program where no shell can hold it."""
    if len(body) <= LONGEST and b"\0" not in body and not body.startswith(b"@"):
        return _quoted(body)
    first = body[:1]
    expression = f"{first!r} * {len(body)}" if body == first * len(body) else repr(body)
    program = f"import sys; sys.stdout.buffer.write({expression})"
    return f"@<(python3 -c {shlex.quote(program)})"


def _quoted(text: bytes) -> str:
    """The text quoted for a shell that has $'...'."""
    plain = text.decode("ascii", "replace")
    if plain.isprintable() and "\ufffd" not in plain:
        return shlex.quote(plain)
    return "$'" + "".join(chr(b) if 32 <= b < 127 and b not in b"'\\" else f"\\x{b:02x}" for b in text) + "'"
