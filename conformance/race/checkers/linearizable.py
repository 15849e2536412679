"""Linearizability: whether calls for one topology can have been executed one after the other.

A project's topology is a register. A GET answers the id in it, and fills it with a new one where it is empty; a DELETE
empties it; a removed id never comes back. Calls that overlap may have been executed in either order; a call that ended
before another began came before it. The history is linearizable if some order explains all answers.

The search is that of Wing and Gong: take as the next step any call that no other one has to precede, and remember the
positions that were tried. Three things keep it small: a GET of the id in the register is taken at once, as it changes
nothing; of DELETEs, which are all alike, the one that ended first is tried; a position is known by the calls taken and
the id in the register.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

BUDGET = 200_000  # positions that are tried at most


@dataclass(frozen=True)
class Step:
    """A GET that answered `id`, or a DELETE where that is empty, with its first and last possible moment in seconds.

    `surely` is False for a DELETE that may or may not have been executed.
    """

    start: float
    end: float
    id: str = ""
    surely: bool = True


def linearizable(steps: Sequence[Step], budget: int = BUDGET) -> bool | None:
    """Whether some order explains all answers; None where `budget` positions did not decide it."""
    ordered = sorted(steps, key=lambda step: step.end)
    must = sum(1 << number for number, step in enumerate(ordered) if step.surely)
    tried: set[tuple[int, str]] = set()
    untried = [(0, "")]
    while untried:
        taken, current = position = untried.pop()
        if taken & must == must:
            return True
        if position in tried:
            continue
        if len(tried) == budget:
            return None
        tried.add(position)
        untried += _next_positions(ordered, taken, current)
    return False


def _next_positions(ordered: Sequence[Step], taken: int, current: str) -> Iterator[tuple[int, str]]:
    """The positions after one more call; `taken` has a bit for each call, `current` is the id in the register."""
    rest = [(number, step) for number, step in enumerate(ordered) if not taken >> number & 1]
    last = min((step.end for _, step in rest if step.surely), default=float("inf"))
    latest = max((step.start for number, step in enumerate(ordered) if taken >> number & 1), default=float("-inf"))
    free = [(number, step) for number, step in rest if step.start <= last and latest <= step.end]
    for number, step in free:
        if step.id and step.id == current:
            yield taken | 1 << number, current
            return
    used = {step.id for number, step in enumerate(ordered) if step.id and taken >> number & 1}
    ends = {step.id: step.end for _, step in rest}  # id -> its latest end, as the steps are in order of their ends
    positions: dict[str | bool, tuple[float, int, str]] = {}
    for number, step in free:
        kind = step.id or step.surely
        if kind in positions or step.id in used or (step.id and current) or not (step.id or step.surely or current):
            continue
        positions[kind] = (ends[step.id] if step.id else float("inf"), taken | 1 << number, step.id)
    # the last one is tried first: the id whose last GET ended earliest
    for _, next_taken, id_ in sorted(positions.values(), reverse=True):
        yield next_taken, id_


def evidence(steps: Sequence[Step]) -> list[Step]:
    """The essence of a history that no order explains: all DELETEs, and the fewest GETs that still contradict them; by
    their start. Leaving out a GET never adds a contradiction. GETs that ended after the contradiction was clear are
    left out first.
    """
    deletes = [step for step in steps if not step.id]
    gets = sorted((step for step in steps if step.id), key=lambda step: step.end)
    last_needed = bisect_left(
        range(len(gets)), True, key=lambda last: linearizable([*deletes, *gets[: last + 1]]) is False
    )
    needed = deletes + gets[: last_needed + 1]
    for get in gets[: last_needed + 1]:
        fewer = [step for step in needed if step is not get]
        if linearizable(fewer) is False:
            needed = fewer
    return sorted(needed, key=lambda step: step.start)


def describe(steps: Sequence[Step]) -> str:
    """A history in one line, times in milliseconds from its first call."""
    first = min((step.start for step in steps), default=0.0)
    words = []
    for step in steps:
        name = f"GET {step.id}" if step.id else f"DELETE{'' if step.surely else ' (perhaps)'}"
        words.append(f"{name} {1000 * (step.start - first):.1f}-{1000 * (step.end - first):.1f}")
    return ", ".join(words)
