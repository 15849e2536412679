"""Boots of one project meet each other, DELETEs of what they bring about, and DELETEs of the servers themselves."""

import pytest

from conformance.race.checkers import servers as servers_must
from conformance.race.checkers.judge import by_race, calls_were_lost, judge, too_few_overlapped
from conformance.race.checkers.servers import still_building, still_there
from conformance.race.engine import options
from conformance.race.engine.caller import Caller, Racing
from conformance.race.operations.servers import Template
from conformance.race.scenarios import boots, delete_while_building

WIDTH = 4  # requests at once; each boots a server, which costs a cloud more than a call


@pytest.mark.requirement("C-CW-01")
def test_separate_requests_end_on_one_network(racing: Racing, template: Template) -> None:
    caller = racing("apart")
    boots.run_apart(caller, template, width=WIDTH)
    judge(
        by_race(caller.history.records),
        happened=(
            servers_must.requests_are_accepted,
            servers_must.all_accepted_are_listed,
            servers_must.none_fails,
            servers_must.all_share_the_network,
        ),
        left=servers_must.BUILT,
        doubts=(calls_were_lost, still_building, too_few_overlapped),
    )


@pytest.mark.requirement("C-CW-06")
def test_boots_among_deletes_run_or_say_why_not(
    racing: Racing, template: Template, pytestconfig: pytest.Config
) -> None:
    caller = racing("teardown")
    boots.run_against_deletes(caller, template, width=WIDTH, rounds=options.rounds(pytestconfig))
    judge(
        by_race(caller.history.records),
        happened=(servers_must.boots_are_told, servers_must.builds_end_well_or_tell_why),
        left=(servers_must.running_servers_are_on_a_network_that_is_there,),
        doubts=(calls_were_lost, still_building, too_few_overlapped),
    )
    nothing_stays(caller)


@pytest.fixture(scope="module")
def dismissed(racing: Racing, template: Template, pytestconfig: pytest.Config) -> Caller:
    """Rounds of several servers booted by one request, and the first of them deleted at once."""
    caller = racing("dismissal")
    delete_while_building.run(caller, template, rounds=options.rounds(pytestconfig))
    return caller


@pytest.mark.requirement("C-CW-10")
def test_a_server_deleted_while_it_is_built_never_comes_back(dismissed: Caller) -> None:
    judge(
        by_race(dismissed.history.records),
        happened=(servers_must.deletes_of_servers_end_well, servers_must.gone_is_gone),
        doubts=(calls_were_lost, still_there),
    )


@pytest.mark.requirement("C-CW-11")
def test_no_port_stays_of_a_server_deleted_while_it_is_built(dismissed: Caller) -> None:
    judge(
        by_race(dismissed.history.records),
        left=(servers_must.no_port_of_what_is_gone,),
        doubts=(calls_were_lost, still_there),
    )
    nothing_stays(dismissed)


@pytest.mark.requirement("C-CW-12")
def test_the_others_of_the_request_run(dismissed: Caller) -> None:
    judge(
        by_race(dismissed.history.records),
        happened=(
            servers_must.the_request_is_accepted,
            servers_must.none_fails,
            servers_must.all_share_the_network,
        ),
        left=(servers_must.one_port_for_each_server,),
        doubts=(calls_were_lost, still_building),
    )


def nothing_stays(caller: Caller) -> None:
    judge(
        by_race(caller.history.records, afterwards=True),
        happened=(servers_must.no_server_is_left,),
        left=(servers_must.nothing_is_left,),
        doubts=(calls_were_lost, servers_must.not_gone),
    )
