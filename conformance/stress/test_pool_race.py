"""Several projects ask for their first topologies at once: each gets its own, out of the pools they share."""

from collections.abc import Callable

import pytest

from conformance.race.engine import options
from conformance.race.engine.caller import Caller
from conformance.race.engine.history import Record
from conformance.race.rules import Judgement
from conformance.race.scenarios import shared_pool

WIDTH = 2  # GETs by each project at once


@pytest.fixture(scope="module")
def pool_records(crowd: Callable[[str], list[Caller]], pytestconfig: pytest.Config) -> list[Record]:
    """Rounds in which several projects at once GET their first topology; after each round everything is deleted."""
    callers = crowd("pool")
    shared_pool.run(callers, width=WIDTH, rounds=options.rounds(pytestconfig))
    return callers[0].history.records


@pytest.mark.requirement("N-SP-030")
def test_prefixes_of_projects_are_apart(judgement: Judgement, pool_records: list[Record]) -> None:
    judgement.judge(pool_records)


@pytest.mark.requirement("N-AAT-077")
def test_answers_to_several_projects(judgement: Judgement, pool_records: list[Record]) -> None:
    judgement.judge(pool_records)


@pytest.mark.requirement("N-AAT-030")
def test_projects_do_not_meet(judgement: Judgement, pool_records: list[Record]) -> None:
    judgement.judge(pool_records)


@pytest.mark.requirement("N-AAT-043")
def test_each_project_is_served(judgement: Judgement, pool_records: list[Record]) -> None:
    judgement.judge(pool_records)


@pytest.mark.requirement("N-AAT-050")
def test_deletes_of_projects_leave_nothing(judgement: Judgement, pool_records: list[Record]) -> None:
    judgement.judge(pool_records)
