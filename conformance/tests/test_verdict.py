"""The roll-ups, as tables."""

from typing import NamedTuple

import pytest

from conformance.verdict import rollup
from conformance.verdict.signals import TestEnded, raise_blocked_by
from conformance.verdict.states import Exit, State, Verdict

S, V = State, Verdict


class Line(NamedTuple):
    """A requirement, as far as a roll-up knows it."""

    profile: str
    state: State
    counts: bool = True


def test_worst_is_in_the_order_of_the_states() -> None:
    order = ["error", "fail", "inconclusive", "blocked", "unsupported", "not-claimed", "waived", "pass"]
    assert list(State) == order
    for index, state in enumerate(State):
        assert rollup.worst(list(State)[index:][::-1]) is state
    assert rollup.worst([]) is None


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([S.PASS], V.CONFORMANT),
        ([S.PASS, S.PASS], V.CONFORMANT),
        ([], V.PARTIAL),
        ([S.NOT_CLAIMED], V.PARTIAL),
        ([S.PASS, S.NOT_CLAIMED], V.PARTIAL),
        ([S.PASS, S.UNSUPPORTED], V.PARTIAL),
        ([S.PASS, S.WAIVED], V.PARTIAL),
        ([S.PASS, S.INCONCLUSIVE, S.WAIVED], V.INCONCLUSIVE),
        ([S.PASS, S.BLOCKED], V.FAILED),
        ([S.INCONCLUSIVE, S.FAIL], V.FAILED),
        ([S.FAIL, S.ERROR], V.ERROR),
    ],
)
def test_profile(states: list[State], expected: Verdict) -> None:
    assert rollup.of_profile(Line("core", state) for state in states) is expected


@pytest.mark.parametrize("state", [S.FAIL, S.INCONCLUSIVE, S.BLOCKED, S.UNSUPPORTED, S.NOT_CLAIMED])
def test_requirements_that_do_not_count_decide_no_profile(state: State) -> None:
    lines = [Line("core", S.PASS), Line("core", state, counts=False)]
    assert rollup.of_profile(lines) is V.CONFORMANT


def test_an_error_of_the_suite_shows_even_in_a_may() -> None:
    assert rollup.of_profile([Line("core", S.PASS), Line("core", S.ERROR, counts=False)]) is V.ERROR


@pytest.mark.parametrize(
    ("core", "race", "strays", "spoilt", "expected"),
    [
        (S.PASS, S.PASS, [], False, V.CONFORMANT),
        (S.PASS, S.WAIVED, [], False, V.PARTIAL),
        (S.PASS, S.INCONCLUSIVE, [], False, V.INCONCLUSIVE),
        (S.FAIL, S.INCONCLUSIVE, [], False, V.FAILED),
        (S.FAIL, S.ERROR, [], False, V.ERROR),
        (S.PASS, S.PASS, [S.FAIL], False, V.FAILED),
        (S.PASS, S.PASS, [S.INCONCLUSIVE], False, V.INCONCLUSIVE),
        (S.PASS, S.PASS, [S.ERROR], False, V.ERROR),
        (S.PASS, S.PASS, [], True, V.FAILED),
        (S.ERROR, S.PASS, [], True, V.ERROR),
    ],
)
def test_run(core: State, race: State, strays: list[State], spoilt: bool, expected: Verdict) -> None:
    lines = [Line("core", core), Line("race", race)]
    assert rollup.of_run(lines, ["core", "race"], strays, spoilt=spoilt) is expected


def test_profiles_that_nobody_claimed_do_not_count() -> None:
    lines = [Line("core", S.PASS), Line("policy", S.FAIL)]
    assert rollup.of_run(lines, ["core"]) is V.CONFORMANT
    assert rollup.exit_code(V.CONFORMANT, lines, ["core"]) == Exit.CONFORMANT


@pytest.mark.parametrize(
    ("overall", "states", "expected"),
    [
        (V.CONFORMANT, [S.PASS], 0),
        (V.FAILED, [S.FAIL], 1),
        (V.INCONCLUSIVE, [S.INCONCLUSIVE], 2),
        (V.ERROR, [S.ERROR], 4),
        (V.PARTIAL, [S.PASS, S.WAIVED], 0),
        (V.PARTIAL, [S.PASS, S.NOT_CLAIMED], 0),
        (V.PARTIAL, [S.PASS, S.UNSUPPORTED], 1),
        (V.PARTIAL, [S.NOT_CLAIMED], 1),
        (V.PARTIAL, [], 1),
    ],
)
def test_exit_code(overall: Verdict, states: list[State], expected: int) -> None:
    assert rollup.exit_code(overall, [Line("core", state) for state in states], ["core"]) == expected


@pytest.mark.parametrize(
    ("step", "test"),
    [
        (S.FAIL, S.BLOCKED),
        (S.ERROR, S.BLOCKED),
        (S.BLOCKED, S.BLOCKED),
        (S.INCONCLUSIVE, S.INCONCLUSIVE),
        (S.WAIVED, S.WAIVED),
        (S.UNSUPPORTED, S.UNSUPPORTED),
    ],
)
def test_states_after_a_failed_step(step: State, test: State) -> None:
    with pytest.raises(TestEnded, match="'a topology is built'") as raised:
        raise_blocked_by(step, "a topology is built")
    assert raised.value.state is test
