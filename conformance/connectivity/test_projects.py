"""Several projects boot their first servers at once: each is connected as if it were alone, and cannot reach others."""

import pytest

from conformance.guests import crowd
from conformance.guests.judgements import Judgement
from conformance.guests.records import GuestRecord
from conformance.guests.scene import Scene, Scenes
from conformance.race.engine import options
from conformance.run.context import RunContext


@pytest.fixture(scope="module")
def projects(context: RunContext, scenes: Scenes, pytestconfig: pytest.Config) -> list[Scene]:
    """A scene in each of several projects: --race-projects, or as many as the run has.

    Raises NotClaimed where it has less than two.
    """
    context.applicability.require(["second-project"])
    return scenes("projects", int(min(options.projects(pytestconfig), context.projects.room)))


@pytest.fixture(scope="module")
def first(context: RunContext, projects: list[Scene]) -> list[GuestRecord]:
    """The records of all projects' first servers, whose requests are released together."""
    context.projects.settle()
    return crowd.boot_at_once(projects, "first", context.settings.report, context.settings.run_id)


@pytest.mark.requirement("D-RACE-001")
@pytest.mark.usefixtures("outside")
def test_projects_that_boot_at_once_are_each_connected(judgement: Judgement, first: list[GuestRecord]) -> None:
    judgement.judge(first)


@pytest.mark.requirement("D-PEER-002")
def test_projects_do_not_reach_each_other(
    judgement: Judgement, projects: list[Scene], first: list[GuestRecord]
) -> None:
    judgement.judge(crowd.send_strangers(projects, "stranger", first))
