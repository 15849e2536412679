"""Whether calls for one topology can have happened one after the other: a check of linearizability.

A project's topology is a register. A GET answers the id it holds, and fills it with a new one where it is empty; a
DELETE empties it; an id that was taken out never comes back. Calls that overlap may have happened in either order, a
call that ended before another began came before it. The history is right if any order explains all that was answered.

The search is that of Wing and Gong: take as the next step any call that no other one has to precede, remember what has
been tried. Three things keep it small: a GET of the id in the register is taken at once, for it changes nothing; of
DELETEs, which are all alike, the one that ended first is tried; what has been tried is known by the calls taken and the
id held.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

BUDGET = 200_000  # positions looked at before it is given up


@dataclass(frozen=True)
class Step:
    """A GET that answered `id`, or a DELETE where there is none, with its first and last possible moment.

    `surely` is False for a DELETE that may or may not have happened.
    """

    start: float
    end: float
    id: str = ""
    surely: bool = True


def linearizable(steps: Sequence[Step], budget: int = BUDGET) -> bool | None:
    """Whether some order explains all answers; None when that was not found out within the budget."""
    ordered = sorted(steps, key=lambda step: step.end)
    must = sum(1 << number for number, step in enumerate(ordered) if step.surely)
    tried: set[tuple[int, str]] = set()
    open_ = [(0, "")]
    while open_:
        taken, held = position = open_.pop()
        if taken & must == must:
            return True
        if position in tried:
            continue
        if len(tried) == budget:
            return None
        tried.add(position)
        open_ += _next_positions(ordered, taken, held)
    return False


def _next_positions(ordered: Sequence[Step], taken: int, held: str) -> Iterator[tuple[int, str]]:
    """The positions that one more call leads to; `taken` has a bit for each call, `held` is the id in the register."""
    rest = [(number, step) for number, step in enumerate(ordered) if not taken >> number & 1]
    last = min((step.end for _, step in rest if step.surely), default=float("inf"))
    latest = max((step.start for number, step in enumerate(ordered) if taken >> number & 1), default=float("-inf"))
    free = [(number, step) for number, step in rest if step.start <= last and latest <= step.end]
    for number, step in free:
        if step.id and step.id == held:
            yield taken | 1 << number, held
            return
    used = {step.id for number, step in enumerate(ordered) if step.id and taken >> number & 1}
    ends = {step.id: step.end for _, step in rest}  # the latest of each id, for they are in order
    found: dict[str | bool, tuple[float, int, str]] = {}
    for number, step in free:
        kind = step.id or step.surely
        if kind in found or step.id in used or (step.id and held) or not (step.id or step.surely or held):
            continue
        found[kind] = (ends[step.id] if step.id else float("inf"), taken | 1 << number, step.id)
    # what is last here is tried first: the id that is read no more soonest, so that the one read longest comes last
    for _, more, id_ in sorted(found.values(), reverse=True):
        yield more, id_


def evidence(steps: Sequence[Step]) -> list[Step]:
    """Of a history that no order explains, as few of the GETs as are enough for that, and all DELETEs, by their start.

    What is left out was right in itself: a GET less never spoils an order.
    """
    kept = list(steps)
    for step in [step for step in steps if step.id]:
        fewer = [each for each in kept if each is not step]
        if linearizable(fewer) is False:
            kept = fewer
    return sorted(kept, key=lambda step: step.start)


def describe(steps: Sequence[Step]) -> str:
    """A history in one line, times in milliseconds from its first call."""
    first = min((step.start for step in steps), default=0.0)
    shifted = [replace(step, start=1000 * (step.start - first), end=1000 * (step.end - first)) for step in steps]
    return ", ".join(f"{_name(step)} {step.start:.1f}-{step.end:.1f}" for step in shifted)


def _name(step: Step) -> str:
    return f"GET {step.id}" if step.id else f"DELETE{'' if step.surely else ' (perhaps)'}"
