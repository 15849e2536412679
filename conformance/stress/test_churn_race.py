"""A project asks for its topology and deletes it at once: what is left is whole, or nothing."""

import pytest

from conformance.race.engine import options
from conformance.race.engine.caller import Caller
from conformance.race.engine.history import Record
from conformance.race.rules import Judgement
from conformance.race.scenarios import get_vs_delete


@pytest.fixture(scope="module")
def churn_records(caller: Caller, pytestconfig: pytest.Config) -> list[Record]:
    """Rounds of GETs and DELETEs at once, a GET after each, and a DELETE."""
    get_vs_delete.run(caller, width=options.width(pytestconfig), rounds=options.rounds(pytestconfig))
    return caller.history.records


@pytest.mark.requirement("N-AAT-051")
def test_a_get_after_the_race_has_a_whole_topology(judgement: Judgement, churn_records: list[Record]) -> None:
    judgement.judge(churn_records)


@pytest.mark.requirement("N-AAT-077")
def test_answers_to_gets_and_deletes(judgement: Judgement, churn_records: list[Record]) -> None:
    judgement.judge(churn_records)


@pytest.mark.requirement("N-AAT-001")
def test_gets_among_deletes_name_a_network(judgement: Judgement, churn_records: list[Record]) -> None:
    judgement.judge(churn_records)


@pytest.mark.requirement("N-AAT-058")
def test_deletes_among_gets_end_well(judgement: Judgement, churn_records: list[Record]) -> None:
    judgement.judge(churn_records)


@pytest.mark.requirement("N-AAT-050")
def test_nothing_is_left_of_it(judgement: Judgement, churn_records: list[Record]) -> None:
    judgement.judge(churn_records)
