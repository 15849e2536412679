"""A project asks for its topology and takes it away at once: what is left is whole, or nothing."""

import pytest

from conformance.race.checkers import topology as must
from conformance.race.checkers.judge import by_race, calls_were_lost, judge, too_few_overlapped, too_many_orders
from conformance.race.engine import options
from conformance.race.engine.caller import Caller
from conformance.race.engine.history import Record
from conformance.race.scenarios import get_vs_delete


@pytest.fixture(scope="module")
def churn_records(caller: Caller, pytestconfig: pytest.Config) -> list[Record]:
    """Rounds of GETs and DELETEs at once, a GET after each, and a DELETE."""
    get_vs_delete.run(caller, width=options.width(pytestconfig), rounds=options.rounds(pytestconfig))
    return caller.history.records


@pytest.mark.requirement("N-AAT-051")
def test_a_get_after_the_race_has_a_whole_topology(churn_records: list[Record]) -> None:
    judge(
        by_race(churn_records),
        happened=(must.a_retry_is_served, must.one_id_between_deletes),
        left=(
            must.one_network_is_up,
            must.no_other_network,
            must.one_router,
            must.routers_lead_out,
            must.one_subnet_for_each_default_pool,
            must.one_interface_for_each_subnet,
        ),
        doubts=(calls_were_lost, too_few_overlapped, too_many_orders),
    )


@pytest.mark.requirement("N-AAT-001")
def test_gets_among_deletes_name_a_network(churn_records: list[Record]) -> None:
    judge(
        by_race(churn_records),
        happened=(must.every_answer_names_a_network,),
        doubts=(calls_were_lost, too_few_overlapped),
    )


@pytest.mark.requirement("N-AAT-058")
def test_deletes_among_gets_end_well(churn_records: list[Record]) -> None:
    judge(
        by_race(churn_records),
        happened=(must.deletes_end_well,),
        doubts=(calls_were_lost, too_few_overlapped),
    )


@pytest.mark.requirement("N-AAT-050")
def test_nothing_is_left_of_it(churn_records: list[Record]) -> None:
    judge(by_race(churn_records, afterwards=True), left=(must.nothing_is_left,), doubts=(calls_were_lost,))
