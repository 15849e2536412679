"""A difference in the shortest story that still shows it, and that story as commands of a shell."""

import re
from collections import Counter
from collections.abc import Callable, Iterator

from fuzzing import shortest, wire
from fuzzing.plans import Plan

from differential.play import ADD_INTERFACE, Mismatch, with_references
from differential.scenes import Story

MOST = 60  # stories played for one difference
_VARIABLE = re.compile(r"(?:%7B|\{)(\w+)(?:%7D|\})")
Play = Callable[[Story], Mismatch | None]


def shrunk(mismatch: Mismatch, play: Play, most: int = MOST) -> Mismatch | None:
    """The difference in a shorter story, if there is one; None if it does not show again, and was chance."""
    current = play(mismatch.story)
    if current is None or current.kind != mismatch.kind:
        return None
    spent, has_shrunk = 0, True
    while has_shrunk:
        has_shrunk = False
        for candidate in _shorter(current.story):
            spent += 1
            if spent > most:
                return current
            result = play(candidate)
            if result is not None and result.kind == mismatch.kind and len(result.story) == len(candidate):
                current, has_shrunk = result, True
                break
    return current


def _shorter(story: Story) -> Iterator[Story]:
    """Stories with a step less, the last but one first, and with a smaller last step."""
    *before, last = story
    for index in reversed(range(len(before))):
        yield (*before[:index], *before[index + 1 :], last)
    for smaller in shortest.shorter(last):
        if (smaller.body is not None or last.body is None) and smaller.headers == last.headers:
            yield (*before, smaller)


def commands(story: Story) -> list[str]:
    """A line of a shell for each step; one whose object is needed later keeps its id in a variable.

    The operator's set-up is `$external_0`, `$subnets_0`, `$subnets_1`, `$subnetpools_0` and `$subnetpools_1`.
    """
    numbers = Counter(networks=1, subnets=2, subnetpools=2)
    steps = [_named(step) for step in story]
    needed = set(_VARIABLE.findall(repr(steps)))
    lines = []
    for step in steps:
        line = _with_variables(shortest.curl(wire.write(step, {step.token: ""}), step.token))
        kind = str(step.path[2]) if step.method == "POST" and len(step.path) == 3 else ""
        field = ".[].id"
        if step.path[-1] == ADD_INTERFACE:
            kind, field = "interfaces", ".port_id"
        if kind and _variable(kind, numbers[kind]) in needed:
            call, _hash, caller = line.replace("curl -i", "curl -s").rpartition(" # ")
            line = f"{_variable(kind, numbers[kind])}=$({call} | jq -r {field})  # {caller}"
        numbers[kind] += 1
        lines.append(line)
    return lines


def _variable(kind: str, number: int) -> str:
    return f"{kind.replace('-', '_')}_{number}"


def _named(step: Plan) -> Plan:
    """The step with a variable's name in braces instead of each reference."""
    return with_references(step, lambda ref: "{" + _variable(ref.kind, ref.pick) + "}")


def _with_variables(line: str) -> str:
    """The line with the shell's own form of variables, inside and outside of its single quotes."""
    parts = line.split("'")
    for index, part in enumerate(parts):
        parts[index] = _VARIABLE.sub(r"""'"$\1"'""" if index % 2 else r"$\1", part)
    return "'".join(parts)
