"""The check of linearizability: with histories written by hand, and with small ones whose orders are all tried."""

from itertools import permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.race.checkers.linearizable import Step, describe, evidence, linearizable

FOREVER = float("inf")


def get(id_: str, start: float, end: float) -> Step:
    return Step(start, end, id_)


def delete(start: float, end: float) -> Step:
    return Step(start, end)


def perhaps(start: float, end: float = FOREVER) -> Step:
    return Step(start, end, surely=False)


@pytest.mark.parametrize(
    ("steps", "right"),
    [
        ([], True),
        ([get("a", 0, 1), get("a", 0, 1), get("a", 5, 6)], True),
        ([get("a", 0, 1), get("b", 0, 1)], False),
        ([get("a", 0, 1), get("b", 0, 1), perhaps(0)], True),
        ([get("a", 0, 1), get("b", 0, 1), get("c", 0, 1), perhaps(0)], False),  # one DELETE allows two ids
        ([get("a", 0, 1), delete(2, 3), get("b", 4, 5)], True),
        ([get("a", 0, 1), delete(2, 3), get("a", 4, 5)], False),
        ([get("a", 0, 1), get("b", 2, 3), delete(4, 5)], False),  # the DELETE came too late
        ([get("a", 0, 1), get("b", 2, 3), perhaps(0.5)], True),  # it may have happened in between
        ([get("a", 0, 1), get("b", 2, 3), perhaps(2.5)], True),
        ([get("a", 0, 1), get("b", 2, 3), perhaps(4)], False),
        ([get("a", 0, 1), get("b", 2, 3), get("a", 4, 5), perhaps(0), perhaps(0)], False),  # an id comes back
        ([get("a", 0, 9), delete(1, 2), get("b", 3, 4), get("a", 0, 1)], True),
        ([get("a", 0, 9), delete(1, 2), get("b", 3, 4), get("a", 5, 6)], False),
        # three pairs are right by themselves, and contradict each other together
        ([get("a", 0, 4), get("b", 0, 4), delete(0, 4), get("a", 5, 6), get("b", 5, 6)], False),
        ([delete(0, 1), delete(0, 1), get("a", 0.5, 2)], True),
    ],
)
def test_by_hand(steps: list[Step], right: bool) -> None:
    assert linearizable(steps) is right


def test_many_calls_at_once_are_quickly_judged() -> None:
    volley = [get(str(number), 0, 1) for number in range(16)] + [delete(0, 1)] * 16
    assert linearizable([*volley, get("0", 2, 3), delete(4, 5)]) is True
    assert linearizable([*[get("a", 0, 1)] * 64, *[delete(0, 1)] * 64, get("b", 2, 3)]) is True


def test_a_long_search_ends_undecided() -> None:
    assert linearizable([get("a", 0, 1), get("b", 0, 1)], budget=1) is None


def test_the_evidence_is_minimal() -> None:
    steps = [*[get("a", 0, 1)] * 9, delete(2, 3), get("b", 4, 5), get("a", 6, 7)]
    assert describe(evidence(steps)) == "DELETE 0.0-1000.0, GET b 2000.0-3000.0, GET a 4000.0-5000.0"


def test_the_evidence_is_the_earliest() -> None:
    steps = [get("a", 0, 1), get("b", 0, 2), get("c", 0, 3), get("a", 4, 5)]
    assert describe(evidence(steps)) == "GET a 0.0-1000.0, GET b 0.0-2000.0"


def in_some_order(steps: list[Step]) -> bool:
    """Whether some order explains the answers, by trying all orders of all calls that can have been executed."""
    sure = [step for step in steps if step.surely]
    open_ = [step for step in steps if not step.surely]
    chosen = product((False, True), repeat=len(open_))
    return any(
        _explains(order)
        for some in chosen
        for order in permutations([*sure, *(step for step, there in zip(open_, some, strict=True) if there)])
    )


def _explains(order: tuple[Step, ...]) -> bool:
    held, gone = "", set()
    for number, step in enumerate(order):
        if any(later.end < step.start for later in order[number + 1 :]):
            return False
        if not step.id:
            gone.add(held)
            held = ""
        elif held not in ("", step.id) or step.id in gone:
            return False
        else:
            held = step.id
    return True


@st.composite
def histories(draw: st.DrawFn) -> list[Step]:
    steps = []
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, 8))
        end = start + draw(st.integers(0, 5))
        kind = draw(st.sampled_from(["a", "a", "b", "c", "delete", "delete", "perhaps", "lost"]))
        match kind:
            case "delete":
                steps.append(delete(start, end))
            case "perhaps":
                steps.append(perhaps(start, end))
            case "lost":
                steps.append(perhaps(start))
            case _:
                steps.append(get(kind, start, end))
    return steps


@given(histories())
@settings(max_examples=400, deadline=None)
def test_the_search_agrees_with_trying_all_orders(steps: list[Step]) -> None:
    order = linearizable(steps)
    assert order is in_some_order(steps)
    if not order:
        assert linearizable(evidence(steps)) is False
