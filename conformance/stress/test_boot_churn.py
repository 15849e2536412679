"""Boots of one project meet each other, DELETEs of what they bring about, and DELETEs of the servers themselves."""

import pytest

from conformance.race.engine import options
from conformance.race.engine.caller import Caller, CallerForRace
from conformance.race.judgements import Judgement
from conformance.race.operations.servers import Template
from conformance.race.scenarios import boots, delete_while_building

WIDTH = 4  # requests at once; each boots a server, which costs a cloud more than a call


@pytest.fixture(scope="module")
def apart(racing: CallerForRace, template: Template) -> Caller:
    """Separate requests for a server each, at once."""
    caller = racing("apart")
    boots.run_apart(caller, template, width=WIDTH)
    return caller


@pytest.mark.requirement("C-CW-01")
def test_separate_requests_end_on_one_network(judgement: Judgement, apart: Caller) -> None:
    judgement.judge(apart.history.records)


@pytest.mark.requirement("C-CW-15")
def test_answers_to_separate_boots(judgement: Judgement, apart: Caller) -> None:
    judgement.judge(apart.history.records)


@pytest.fixture(scope="module")
def teardown(racing: CallerForRace, template: Template, pytestconfig: pytest.Config) -> Caller:
    """Rounds of boots and of DELETEs of the topology that they bring about, at once."""
    caller = racing("teardown")
    boots.run_against_deletes(caller, template, width=WIDTH, rounds=options.rounds(pytestconfig))
    return caller


@pytest.mark.requirement("C-CW-06")
def test_boots_among_deletes_run_or_say_why_not(judgement: Judgement, teardown: Caller) -> None:
    judgement.judge(teardown.history.records)


@pytest.mark.requirement("C-CW-15")
def test_answers_to_boots_among_deletes(judgement: Judgement, teardown: Caller) -> None:
    judgement.judge(teardown.history.records)


@pytest.fixture(scope="module")
def dismissed(racing: CallerForRace, template: Template, pytestconfig: pytest.Config) -> Caller:
    """Rounds of several servers booted by one request, and the first of them deleted at once."""
    caller = racing("dismissal")
    delete_while_building.run(caller, template, rounds=options.rounds(pytestconfig))
    return caller


@pytest.mark.requirement("C-CW-10")
def test_a_server_deleted_while_it_is_built_never_comes_back(judgement: Judgement, dismissed: Caller) -> None:
    judgement.judge(dismissed.history.records)


@pytest.mark.requirement("C-CW-11")
def test_no_port_stays_of_a_server_deleted_while_it_is_built(judgement: Judgement, dismissed: Caller) -> None:
    judgement.judge(dismissed.history.records)


@pytest.mark.requirement("C-CW-12")
def test_the_others_of_the_request_run(judgement: Judgement, dismissed: Caller) -> None:
    judgement.judge(dismissed.history.records)


@pytest.mark.requirement("C-CW-16")
def test_answers_to_deletes_of_servers(judgement: Judgement, dismissed: Caller) -> None:
    judgement.judge(dismissed.history.records)
