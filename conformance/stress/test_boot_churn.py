"""Races between boots in one project, and of such boots with DELETEs of the topology that they build, or of servers."""

import pytest

from conformance.race.engine import options
from conformance.race.engine.caller import Caller, CallerForRace
from conformance.race.operations.servers import Template
from conformance.race.rules import Judgement
from conformance.race.scenarios import boots, delete_while_building

WIDTH = 4  # requests at once: fewer than in other races, as each has the cloud build a server


@pytest.fixture(scope="module")
def separate_boots(racing: CallerForRace, template: Template) -> Caller:
    """Several requests at once, each for one server."""
    caller = racing("apart")
    boots.run_apart(caller, template, width=WIDTH)
    return caller


@pytest.mark.requirement("C-CW-01")
def test_separate_requests_end_on_one_network(judgement: Judgement, separate_boots: Caller) -> None:
    judgement.judge(separate_boots.history.records)


@pytest.mark.requirement("C-CW-15")
def test_answers_to_separate_boots(judgement: Judgement, separate_boots: Caller) -> None:
    judgement.judge(separate_boots.history.records)


@pytest.fixture(scope="module")
def boots_among_deletes(racing: CallerForRace, template: Template, pytestconfig: pytest.Config) -> Caller:
    """Rounds of boots at once with DELETEs of the topology that the boots have built."""
    caller = racing("teardown")
    boots.run_against_deletes(caller, template, width=WIDTH, rounds=options.rounds(pytestconfig))
    return caller


@pytest.mark.requirement("C-CW-06")
def test_boots_among_deletes_run_or_say_why_not(judgement: Judgement, boots_among_deletes: Caller) -> None:
    judgement.judge(boots_among_deletes.history.records)


@pytest.mark.requirement("C-CW-15")
def test_answers_to_boots_among_deletes(judgement: Judgement, boots_among_deletes: Caller) -> None:
    judgement.judge(boots_among_deletes.history.records)


@pytest.fixture(scope="module")
def deletes_while_building(racing: CallerForRace, template: Template, pytestconfig: pytest.Config) -> Caller:
    """Rounds of one request that boots several servers, the first of which is deleted while they are built."""
    caller = racing("dismissal")
    delete_while_building.run(caller, template, rounds=options.rounds(pytestconfig))
    return caller


@pytest.mark.requirement("C-CW-10")
def test_a_server_deleted_while_it_is_built_never_comes_back(
    judgement: Judgement, deletes_while_building: Caller
) -> None:
    judgement.judge(deletes_while_building.history.records)


@pytest.mark.requirement("C-CW-11")
def test_no_port_stays_of_a_server_deleted_while_it_is_built(
    judgement: Judgement, deletes_while_building: Caller
) -> None:
    judgement.judge(deletes_while_building.history.records)


@pytest.mark.requirement("C-CW-12")
def test_the_others_of_the_request_run(judgement: Judgement, deletes_while_building: Caller) -> None:
    judgement.judge(deletes_while_building.history.records)


@pytest.mark.requirement("C-CW-16")
def test_answers_to_deletes_of_servers(judgement: Judgement, deletes_while_building: Caller) -> None:
    judgement.judge(deletes_while_building.history.records)
