"""Several projects boot their first servers at once: each ends up on a network of its own."""

from collections.abc import Callable

import pytest

from conformance.race.checkers import servers as servers_must
from conformance.race.checkers.judge import by_race, calls_were_lost, judge
from conformance.race.checkers.servers import still_building
from conformance.race.engine.caller import Caller
from conformance.race.engine.history import Record
from conformance.race.operations.servers import Template
from conformance.race.scenarios import boots, shared_pool


@pytest.fixture(scope="module")
def boots_records(template: Template, crowd: Callable[[str], list[Caller]]) -> list[Record]:
    """One request for several servers in each of several empty projects, all at once, and what came of them."""
    callers = [caller.within(f"boots-1-{place}") for place, caller in enumerate(crowd("boots"), 1)]
    boots.run_together(callers, template)
    return callers[0].history.records


@pytest.mark.requirement("C-CW-14")
def test_projects_boot_at_once_each_on_its_own(boots_records: list[Record]) -> None:
    together = shared_pool.rounds_of(boots_records)
    rules = (shared_pool.networks_are_apart, shared_pool.prefixes_are_apart, shared_pool.nothing_foreign_is_seen)
    breaches = [breach for each in together for rule in rules for breach in rule(each)]
    assert not breaches, "\n".join(breaches)
    judge(
        by_race(boots_records),
        happened=(
            servers_must.the_request_is_accepted,
            servers_must.all_are_listed_at_once,
            servers_must.none_fails,
            servers_must.all_share_the_network,
        ),
        left=servers_must.BUILT,
        doubts=(calls_were_lost, still_building),
    )


@pytest.mark.requirement("C-SRV-015")
def test_nothing_stays_of_the_servers_of_projects(boots_records: list[Record]) -> None:
    judge(
        by_race(boots_records, afterwards=True),
        happened=(servers_must.no_server_is_left,),
        left=(servers_must.nothing_is_left,),
        doubts=(calls_were_lost, servers_must.not_gone),
    )
