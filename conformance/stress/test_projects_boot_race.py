"""Several projects boot their first servers at once: each ends up on a network of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.race import boot, options, pool
from conformance.race import invariants as must
from conformance.race import server_invariants as servers_must
from conformance.race.caller import Caller
from conformance.race.history import History, Record
from conformance.race.judge import by_race, calls_were_lost, judge
from conformance.race.server_invariants import still_building
from conformance.race.servers import Template
from conformance.stage import Stage
from conformance.verdict import NotClaimed


@pytest.fixture(scope="module")
def boots_records(
    stage: Stage, template: Template, history_dir: Path, pytestconfig: pytest.Config
) -> Iterator[list[Record]]:
    """One request for several servers in each of several empty projects, all at once, and what came of them."""
    if stage.projects.room < 2:
        raise NotClaimed("takes a second project: --alt-cloud, --accounts or --admin-cloud")
    number = int(min(options.projects(pytestconfig), stage.projects.room))
    history = History.within(history_dir, "boots", stage.settings.run_id)
    with stage.lease(number) as lease:
        callers = [
            Caller(project.account, history, f"boots-1-{place}", stage.deadlines.race)
            for place, project in enumerate(lease.projects, 1)
        ]
        boot.run_together(callers, template)
        yield history.records


@pytest.mark.requirement("C-CW-14")
def test_projects_boot_at_once_each_on_its_own(boots_records: list[Record]) -> None:
    together = pool.rounds_of(boots_records)
    rules = (pool.networks_are_apart, pool.prefixes_are_apart, pool.nothing_foreign_is_seen)
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
        left=(must.nothing_is_left,),
        doubts=(calls_were_lost,),
    )
