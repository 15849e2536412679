"""One project asks for its first topology many times at once: one network wins, and nothing else stays."""

import pytest

from conformance.race.engine import options
from conformance.race.engine.caller import Caller
from conformance.race.engine.history import Record
from conformance.race.rules import Judgement
from conformance.race.scenarios import first_gets


@pytest.fixture(scope="module")
def topology_records(caller: Caller, pytestconfig: pytest.Config) -> list[Record]:
    """Rounds of first GETs at once, the topology deleted after each."""
    first_gets.run(caller, width=options.width(pytestconfig), rounds=options.rounds(pytestconfig))
    return caller.history.records


@pytest.mark.requirement("N-AAT-040")
def test_first_requests_at_once_share_one_network(judgement: Judgement, topology_records: list[Record]) -> None:
    judgement.judge(topology_records)


@pytest.mark.requirement("N-AAT-077")
def test_answers_to_first_gets(judgement: Judgement, topology_records: list[Record]) -> None:
    judgement.judge(topology_records)


@pytest.mark.requirement("N-AAT-041")
def test_losers_leave_nothing_behind(judgement: Judgement, topology_records: list[Record]) -> None:
    judgement.judge(topology_records)


@pytest.mark.requirement("N-AAT-042")
def test_duplicates_are_down_while_they_last(judgement: Judgement, topology_records: list[Record]) -> None:
    judgement.judge(topology_records)
