"""Several projects boot their first servers at once: each ends up on a network of its own."""

from collections.abc import Callable

import pytest

from conformance.race.engine.caller import Caller
from conformance.race.engine.history import Record
from conformance.race.operations.servers import Template
from conformance.race.rules import Judgement
from conformance.race.scenarios import boots


@pytest.fixture(scope="module")
def boots_records(template: Template, crowd: Callable[[str], list[Caller]]) -> list[Record]:
    """One request for several servers in each of several empty projects, all at once, and what came of them."""
    callers = [caller.within(f"boots-1-{place}") for place, caller in enumerate(crowd("boots"), 1)]
    boots.run_together(callers, template)
    return callers[0].history.records


@pytest.mark.requirement("C-CW-14")
def test_projects_boot_at_once_each_on_its_own(judgement: Judgement, boots_records: list[Record]) -> None:
    judgement.judge(boots_records)


@pytest.mark.requirement("C-CW-15")
def test_answers_to_boots_of_several_projects(judgement: Judgement, boots_records: list[Record]) -> None:
    judgement.judge(boots_records)


@pytest.mark.requirement("C-SRV-015")
def test_nothing_stays_of_the_servers_of_projects(judgement: Judgement, boots_records: list[Record]) -> None:
    judgement.judge(boots_records)
