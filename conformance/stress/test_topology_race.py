"""One project asks for its first topology many times at once: one network wins, and nothing else stays."""

from itertools import chain

import pytest

from conformance.race.checkers import topology as must
from conformance.race.checkers.judge import Races, by_race, calls_were_lost, judge, nobody_looked, too_few_overlapped
from conformance.race.engine import options
from conformance.race.engine.caller import Caller
from conformance.race.scenarios import first_gets

UNSURE = (calls_were_lost, too_few_overlapped)


@pytest.fixture(scope="module")
def topology_races(caller: Caller, pytestconfig: pytest.Config) -> Races:
    """Rounds of first GETs at once, the topology deleted after each."""
    first_gets.run(caller, width=options.width(pytestconfig), rounds=options.rounds(pytestconfig))
    return by_race(caller.history.records)


@pytest.mark.requirement("N-AAT-040")
def test_first_requests_at_once_share_one_network(topology_races: Races) -> None:
    whole = {"all rounds": list(chain.from_iterable(topology_races.values()))}
    judge(whole, happened=(must.one_id_between_deletes,))
    judge(
        topology_races,
        happened=(
            must.every_answer_names_a_network,
            must.no_server_error,
            must.refusals_are_documented,
            must.a_retry_is_served,
        ),
        left=(
            must.one_network_is_up,
            must.one_router,
            must.routers_lead_out,
            must.one_subnet_for_each_default_pool,
            must.one_interface_for_each_subnet,
        ),
        doubts=UNSURE,
    )


@pytest.mark.requirement("N-AAT-041")
def test_losers_leave_nothing_behind(topology_races: Races) -> None:
    judge(
        topology_races,
        happened=(must.refusals_are_documented,),
        left=(must.no_other_network, must.one_router, must.no_other_subnet, must.no_other_port),
        doubts=UNSURE,
    )


@pytest.mark.requirement("N-AAT-042")
def test_duplicates_are_down_while_they_last(topology_races: Races) -> None:
    judge(topology_races, happened=(must.duplicates_stay_down,), doubts=(*UNSURE, nobody_looked))
