"""One project deletes its topology many times at once: all are told so, and nothing of it stays."""

import pytest

from conformance.race.checkers import topology as must
from conformance.race.checkers.judge import Races, by_race, calls_were_lost, judge, too_few_overlapped
from conformance.race.engine import options
from conformance.race.engine.caller import Caller
from conformance.race.scenarios import concurrent_deletes


@pytest.fixture(scope="module")
def delete_races(caller: Caller, pytestconfig: pytest.Config) -> Races:
    """Rounds of DELETEs at once, each of a topology that is there."""
    concurrent_deletes.run(caller, width=options.width(pytestconfig), rounds=options.rounds(pytestconfig))
    return by_race(caller.history.records)


@pytest.mark.requirement("N-AAT-058")
def test_deletes_at_once_leave_nothing(delete_races: Races) -> None:
    judge(
        delete_races,
        happened=(must.deletes_end_well,),
        left=(must.nothing_is_left,),
        doubts=(calls_were_lost, too_few_overlapped),
    )
