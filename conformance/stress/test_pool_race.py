"""Several projects ask for their first topologies at once: each gets its own, out of the pools they share."""

from collections.abc import Callable

import pytest

from conformance.race.checkers import topology as must
from conformance.race.checkers.judge import Races, by_race, calls_were_lost, judge
from conformance.race.engine import options
from conformance.race.engine.caller import Caller
from conformance.race.engine.history import Record
from conformance.race.scenarios import shared_pool

WIDTH = 2  # first GETs of each project


@pytest.fixture(scope="module")
def pool_records(crowd: Callable[[str], list[Caller]], pytestconfig: pytest.Config) -> list[Record]:
    """Rounds of first GETs of several projects at once, everything deleted after each."""
    callers = crowd("pool")
    shared_pool.run(callers, width=WIDTH, rounds=options.rounds(pytestconfig))
    return callers[0].history.records


@pytest.fixture
def pool_races(pool_records: list[Record]) -> Races:
    """Each project's own race of each round."""
    return by_race(pool_records)


@pytest.mark.requirement("N-SP-030")
def test_prefixes_of_projects_are_apart(pool_records: list[Record], pool_races: Races) -> None:
    breaches = [
        breach for each in shared_pool.rounds_of(pool_records) for breach in shared_pool.prefixes_are_apart(each)
    ]
    assert not breaches, "\n".join(breaches)
    judge(pool_races, doubts=(calls_were_lost,))


@pytest.mark.requirement("N-AAT-030")
def test_projects_do_not_meet(pool_records: list[Record], pool_races: Races) -> None:
    breaches = [
        breach
        for each in shared_pool.rounds_of(pool_records)
        for rule in (shared_pool.networks_are_apart, shared_pool.nothing_foreign_is_seen)
        for breach in rule(each)
    ]
    assert not breaches, "\n".join(breaches)
    judge(pool_races, doubts=(calls_were_lost,))


@pytest.mark.requirement("N-AAT-043")
def test_each_project_is_served(pool_races: Races) -> None:
    """Refused or not, whoever asks again has a whole topology, and one only."""
    judge(
        pool_races,
        happened=(
            must.every_answer_names_a_network,
            must.no_server_error,
            must.refusals_are_documented,
            must.a_retry_is_served,
            must.one_id_between_deletes,
        ),
        left=(
            must.one_network_is_up,
            must.no_other_network,
            must.one_router,
            must.one_subnet_for_each_default_pool,
            must.one_interface_for_each_subnet,
        ),
        doubts=(calls_were_lost,),
    )


@pytest.mark.requirement("N-AAT-050")
def test_deletes_of_projects_leave_nothing(pool_records: list[Record]) -> None:
    judge(by_race(pool_records, afterwards=True), left=(must.nothing_is_left,), doubts=(calls_were_lost,))
