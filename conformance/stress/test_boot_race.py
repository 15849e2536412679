"""Several servers are booted by one request in a project without a network: all end up on the one it gets."""

import pytest

from conformance.race.checkers import servers as servers_must
from conformance.race.checkers.judge import Races, by_race, calls_were_lost, judge
from conformance.race.checkers.servers import still_building
from conformance.race.engine.caller import Caller
from conformance.race.engine.history import Record
from conformance.race.operations.servers import Template
from conformance.race.scenarios import boots


@pytest.fixture(scope="module")
def boot_records(caller: Caller, template: Template) -> list[Record]:
    """One request for several servers in an empty project, and what came of it."""
    boots.run(caller, template)
    return caller.history.records


@pytest.fixture
def boot_race(boot_records: list[Record]) -> Races:
    """What happened until the servers ran."""
    return by_race(boot_records)


@pytest.fixture
def boot_race_undone(boot_records: list[Record]) -> Races:
    """What remained when everything had been deleted."""
    return by_race(boot_records, afterwards=True)


@pytest.mark.requirement("C-MULTI-008")
def test_servers_of_one_request_share_the_network_they_bring_about(boot_race: Races) -> None:
    judge(
        boot_race,
        happened=(
            servers_must.the_request_is_accepted,
            servers_must.all_are_listed_at_once,
            servers_must.none_fails,
            servers_must.all_share_the_network,
        ),
        left=servers_must.BUILT,
        doubts=(calls_were_lost, still_building),
    )


@pytest.mark.requirement("C-CW-02", "C-MULTI-009")
def test_one_request_is_never_in_its_own_way(boot_race: Races) -> None:
    judge(
        boot_race,
        happened=(servers_must.the_request_is_accepted, servers_must.none_fails),
        doubts=(calls_were_lost, still_building),
    )


@pytest.mark.requirement("C-MULTI-008")
def test_nothing_stays_of_servers_and_topology(boot_race_undone: Races) -> None:
    judge(
        boot_race_undone,
        happened=(servers_must.no_server_is_left,),
        left=(servers_must.nothing_is_left,),
        doubts=(calls_were_lost, servers_must.not_gone),
    )
