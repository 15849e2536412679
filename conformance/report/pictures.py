"""The picture of each race that failed: the volley that it failed in, and the call that shows it."""

from collections.abc import Sequence

from conformance.race.checkers.timeline import Volley, marked
from conformance.race.engine.history import Record
from conformance.race.judgements import JUDGEMENTS
from conformance.report.failures import Failure, failures
from conformance.report.model import Report
from conformance.verdict.states import State


def pictures(report: Report, races: Sequence[Volley], histories: Sequence[Record]) -> dict[str, Volley]:
    """Id of the test -> the volley, for each failed or unproven race that has one among these."""
    pictured = {failure.test.id: _picture(failure, races, histories) for failure in failures(report) if failure.race}
    return {test: volley for test, volley in pictured.items() if volley}


def _picture(failure: Failure, races: Sequence[Volley], histories: Sequence[Record]) -> Volley | None:
    """The volley with the calls marked that break the rule. Where these are not known, the round that the failure
    names, or the first one.
    """
    own = [record for record in histories if record.race.partition("-")[0] == failure.race]
    judgement = JUDGEMENTS[failure.test.id.partition("::")[2]]
    breaking = judgement.breaking_calls(own) if failure.test.state is State.FAIL else []
    return marked(races, breaking) or next((race for race in races if race.is_of(failure.race, failure.reason)), None)
