"""Several servers are booted in a project without a network, and several such projects boot at once.

All servers of a project end up on the one network it gets, and no project on that of another.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.capabilities import Capabilities
from conformance.race import boot, options, pool
from conformance.race import invariants as must
from conformance.race import server_invariants as servers_must
from conformance.race.caller import Caller
from conformance.race.history import History, Record
from conformance.race.judge import Races, by_race, calls_were_lost, judge
from conformance.race.server_invariants import still_building
from conformance.stage import Stage
from conformance.verdict import NotClaimed, Unsupported

BUILT = (
    must.one_network_is_up,
    must.no_other_network,
    must.one_router,
    must.routers_lead_out,
    must.one_subnet_for_each_default_pool,
    must.no_other_subnet,
    must.one_interface_for_each_subnet,
    must.no_other_port,
    servers_must.one_port_for_each_server,
)


@pytest.fixture(scope="module")
def boot_records(caller: Caller, stage: Stage, cloud: Capabilities) -> list[Record]:
    """One request for several servers in an empty project, and what came of it."""
    if cloud.shared_networks:
        raise Unsupported(f"network {cloud.shared_networks[0]} is shared with every project, none will be built")
    boot.run(
        caller,
        image_id=cloud.image_id,
        flavor_id=cloud.flavor_id,
        name=f"gman-{stage.settings.run_id}-race",
        build_seconds=stage.deadlines.server_build,
    )
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
        left=BUILT,
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
        left=(must.nothing_is_left,),
        doubts=(calls_were_lost,),
    )


@pytest.fixture(scope="module")
def boots_records(
    stage: Stage, cloud: Capabilities, history_dir: Path, pytestconfig: pytest.Config
) -> Iterator[list[Record]]:
    """One request for several servers in each of several empty projects, all at once, and what came of them."""
    if cloud.shared_networks:
        raise Unsupported(f"network {cloud.shared_networks[0]} is shared with every project, none will be built")
    if stage.projects.room < 2:
        raise NotClaimed("takes a second project: --alt-cloud, --accounts or --admin-cloud")
    number = int(min(options.projects(pytestconfig), stage.projects.room))
    history = History.within(history_dir, "boots", stage.settings.run_id)
    with stage.lease(number) as lease:
        callers = [
            Caller(project.account, history, f"boots-1-{place}", stage.deadlines.race)
            for place, project in enumerate(lease.projects, 1)
        ]
        boot.run_together(
            callers,
            image_id=cloud.image_id,
            flavor_id=cloud.flavor_id,
            name=f"gman-{stage.settings.run_id}-race",
            build_seconds=stage.deadlines.server_build,
        )
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
        left=BUILT,
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
