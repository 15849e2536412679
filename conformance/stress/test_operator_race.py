"""Races that need an administrator: operators set a second default, users create their project's default group."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.projects.leases import Project
from conformance.race.checkers.judge import by_race, calls_were_lost, judge, too_few_overlapped
from conformance.race.engine import options
from conformance.race.engine.caller import Caller, CallerForRace, CallerForUser
from conformance.race.engine.history import History
from conformance.race.scenarios import default_group, second_default
from conformance.run.context import RunContext
from conformance.target.capabilities import Capabilities
from conformance.verdict.signals import Unsupported

TWO_NETWORKS = frozenset({(409, "DefaultExternalNetworkExists")})
TWO_POOLS = frozenset({(400, "InvalidInput")})


@pytest.fixture(scope="module")
def owner(context: RunContext) -> Iterator[Project]:
    """The project that owns all that the operators create, so that a leftover is noticed."""
    assert context.admin  # raises NotClaimed without an administrator
    with context.lease() as lease:
        yield lease.projects[0]


@pytest.fixture
def operator(context: RunContext, caller_of: CallerForUser, history_dir: Path) -> CallerForRace:
    """The administrator, in whose name a race of that name is run."""

    def named(race: str) -> Caller:
        return caller_of(context.admin, History.within(history_dir, race, context.settings.run_id), race)

    return named


@pytest.fixture
def width(pytestconfig: pytest.Config) -> int:
    return options.width(pytestconfig) // 2 * 2


@pytest.mark.requirement("N-NET-005")
def test_no_second_default_network(operator: CallerForRace, cloud: Capabilities, owner: Project, width: int) -> None:
    if not cloud.external_network_id:
        raise Unsupported("there is no default external network, and the safe form of this race needs one")
    caller = operator("external")
    second_default.external_networks(caller, owner=owner.id, width=width)
    judge(
        by_race(caller.history.records),
        history=(
            second_default.all_are_refused(TWO_NETWORKS),
            second_default.nothing_has_changed("networks", owner.id),
        ),
        doubts=(calls_were_lost, too_few_overlapped),
    )


@pytest.mark.requirement("N-SP-011")
def test_no_second_default_pool(operator: CallerForRace, cloud: Capabilities, owner: Project, width: int) -> None:
    if not cloud.default_pools:
        raise Unsupported("there is no default subnet pool, and the safe form of this race needs one")
    caller = operator("pools")
    second_default.pools(caller, owner=owner.id, version=cloud.default_pools[0], width=width)
    judge(
        by_race(caller.history.records),
        history=(
            second_default.all_are_refused(TWO_POOLS),
            second_default.nothing_has_changed("subnetpools", owner.id),
        ),
        doubts=(calls_were_lost, too_few_overlapped),
    )


@pytest.mark.requirement("N-PORT-011")
def test_one_default_group(
    operator: CallerForRace,
    cloud: Capabilities,
    owner: Project,
    caller_of: CallerForUser,
    width: int,
    pytestconfig: pytest.Config,
) -> None:
    admin = operator("groups")
    member = caller_of(owner.account, admin.history, "groups")
    default_group.run(member, admin, width=width, rounds=options.rounds(pytestconfig))
    judge(
        by_race(admin.history.records),
        history=(default_group.all_are_served, default_group.one_default_group(cloud.default_group_rules)),
        doubts=(calls_were_lost, too_few_overlapped),
    )
