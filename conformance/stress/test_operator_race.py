"""What takes an administrator: operators race for the place of a default, users for their project's first group."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.capabilities import Capabilities
from conformance.projects import Project
from conformance.race import groups, operators, options
from conformance.race.caller import Caller
from conformance.race.history import History
from conformance.race.judge import by_race, calls_were_lost, judge, too_few_overlapped
from conformance.stage import Stage
from conformance.verdict import Unsupported

TWO_NETWORKS = frozenset({(409, "DefaultExternalNetworkExists")})
TWO_POOLS = frozenset({(400, "InvalidInput")})


@pytest.fixture(scope="module")
def owner(stage: Stage) -> Iterator[Project]:
    """The project that what the operators make belongs to, so that nothing of it can stay unseen."""
    assert stage.admin  # says so where there is none
    with stage.lease() as lease:
        yield lease.projects[0]


def operator(stage: Stage, history_dir: Path, race: str) -> Caller:
    history = History.within(history_dir, race, stage.settings.run_id)
    return Caller(stage.admin, history, race, stage.deadlines.race)


@pytest.fixture
def width(pytestconfig: pytest.Config) -> int:
    return options.width(pytestconfig) // 2 * 2


@pytest.mark.requirement("N-NET-005")
def test_no_second_default_network(
    stage: Stage, cloud: Capabilities, owner: Project, history_dir: Path, width: int
) -> None:
    if not cloud.external_network_id:
        raise Unsupported("there is no default external network, and the safe form of this race needs one")
    caller = operator(stage, history_dir, "external")
    operators.external_networks(caller, owner=owner.id, width=width)
    judge(
        by_race(caller.history.records),
        happened=(operators.all_are_refused(TWO_NETWORKS), operators.nothing_has_changed("networks", owner.id)),
        doubts=(calls_were_lost, too_few_overlapped),
    )


@pytest.mark.requirement("N-SP-011")
def test_no_second_default_pool(
    stage: Stage, cloud: Capabilities, owner: Project, history_dir: Path, width: int
) -> None:
    if not cloud.default_pools:
        raise Unsupported("there is no default subnet pool, and the safe form of this race needs one")
    caller = operator(stage, history_dir, "pools")
    operators.pools(caller, owner=owner.id, version=cloud.default_pools[0], width=width)
    judge(
        by_race(caller.history.records),
        happened=(operators.all_are_refused(TWO_POOLS), operators.nothing_has_changed("subnetpools", owner.id)),
        doubts=(calls_were_lost, too_few_overlapped),
    )


@pytest.mark.requirement("N-PORT-011")
def test_one_default_group(
    stage: Stage, cloud: Capabilities, owner: Project, history_dir: Path, width: int, pytestconfig: pytest.Config
) -> None:
    history = History.within(history_dir, "groups", stage.settings.run_id)
    member, admin = (Caller(who, history, "groups", stage.deadlines.race) for who in (owner.account, stage.admin))
    groups.run(member, admin, width=width, rounds=options.rounds(pytestconfig))
    judge(
        by_race(history.records),
        happened=(groups.all_are_served, groups.one_default_group(cloud.default_group_rules)),
        doubts=(calls_were_lost, too_few_overlapped),
    )
