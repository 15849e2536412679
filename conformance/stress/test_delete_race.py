"""One project deletes its topology many times at once: every call succeeds or finds it gone, and nothing stays."""

import pytest

from conformance.race.engine import options
from conformance.race.engine.caller import Caller
from conformance.race.engine.history import Record
from conformance.race.rules import Judgement
from conformance.race.scenarios import concurrent_deletes


@pytest.fixture(scope="module")
def delete_records(caller: Caller, pytestconfig: pytest.Config) -> list[Record]:
    """Rounds of DELETEs of an existing topology at once."""
    concurrent_deletes.run(caller, width=options.width(pytestconfig), rounds=options.rounds(pytestconfig))
    return caller.history.records


@pytest.mark.requirement("N-AAT-058")
def test_deletes_at_once_leave_nothing(judgement: Judgement, delete_records: list[Record]) -> None:
    judgement.judge(delete_records)


@pytest.mark.requirement("N-AAT-077")
def test_answers_to_deletes(judgement: Judgement, delete_records: list[Record]) -> None:
    judgement.judge(delete_records)
