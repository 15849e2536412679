"""What the tests of the data plane share: scenes, whose servers report what they see of their network.

Each module is one scene, in projects of its own; its tests judge the same records.
"""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from conformance.guests.boots import MICROVERSION, Template
from conformance.guests.judgements import JUDGEMENTS, Judgement
from conformance.guests.records import GuestLog
from conformance.guests.scene import Scene, Scenes, needed
from conformance.projects.inventory import KINDS
from conformance.requirements.registry import Profile
from conformance.run.context import RunContext
from conformance.target.capabilities import Capabilities
from conformance.verdict.signals import NotClaimed


@pytest.fixture
def judgement(request: pytest.FixtureRequest) -> Judgement:
    """How this test judges its guests."""
    return JUDGEMENTS[request.node.name]


@pytest.fixture(scope="session")
def outside(context: RunContext) -> tuple[str, ...]:
    """The places beyond the external network that guests call."""
    if not context.settings.outside:
        raise NotClaimed("needs a place beyond the external network: gman outside there, and --outside here")
    return context.settings.outside


@pytest.fixture(scope="session")
def template(context: RunContext, cloud: Capabilities) -> Template:
    """The image and the flavor that guests are booted from; skips where a boot builds no network."""
    if Profile.CONNECTIVITY not in context.settings.claims:
        raise NotClaimed(f"profile {Profile.CONNECTIVITY} is not claimed")
    context.applicability.require_microversion(MICROVERSION)
    context.applicability.require(["no-shared-network"])
    return Template.of(cloud, context.settings.outside, context.settings.run_id)


@pytest.fixture(scope="module")
def scenes(context: RunContext, template: Template) -> Iterator[Scenes]:
    """Makes scenes, whose projects are emptied after the module."""
    admin = context.admin if context.settings.admin_cloud else None
    with ExitStack() as stack:

        def create_scenes(name: str, number: int = 1) -> list[Scene]:
            lease = stack.enter_context(context.lease(number, lambda: KINDS, needed(context.capabilities)))
            log = GuestLog(context.settings.report, name, context.settings.run_id)
            return [Scene(name, project.account, template, log, admin) for project in lease.projects]

        yield create_scenes
