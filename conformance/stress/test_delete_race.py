"""One project deletes its topology many times at once: all are told so, and nothing of it stays."""

import pytest

from conformance.race.engine import options
from conformance.race.engine.caller import Caller
from conformance.race.judgements import Judgement
from conformance.race.scenarios import concurrent_deletes


@pytest.mark.requirement("N-AAT-058")
def test_deletes_at_once_leave_nothing(judgement: Judgement, caller: Caller, pytestconfig: pytest.Config) -> None:
    concurrent_deletes.run(caller, width=options.width(pytestconfig), rounds=options.rounds(pytestconfig))
    judgement.judge(caller.history.records)
