"""What the races share: a member of an empty project, whose every call is written into the report's directory."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conformance.race import needs
from conformance.race.engine import options, remote_senders
from conformance.race.engine.caller import Caller, CallerForRace, CallerForUser, User
from conformance.race.engine.history import History
from conformance.race.engine.remote_senders import RemoteSenders
from conformance.race.judgements import JUDGEMENTS
from conformance.race.operations.servers import MICROVERSION, Template
from conformance.race.rules import Judgement
from conformance.run.context import RunContext
from conformance.target.capabilities import Capabilities
from conformance.verdict.signals import Unsupported
from conformance.waits import Wait


@pytest.fixture(scope="session", autouse=True)
def senders(pytestconfig: pytest.Config) -> Iterator[RemoteSenders | None]:
    """The processes elsewhere that send the calls of races; None where the run has named none."""
    with remote_senders.started(options.senders(pytestconfig)) as senders:
        yield senders


@pytest.fixture
def judgement(request: pytest.FixtureRequest) -> Judgement:
    """How this test judges its race."""
    return JUDGEMENTS[request.node.name]


@pytest.fixture(scope="session")
def caller_of(context: RunContext, senders: RemoteSenders | None) -> CallerForUser:
    """Makes callers whose volleys come from the run's senders."""

    def create_caller(user: User, history: History, race: str) -> Caller:
        return Caller(user, history, race, context.waits.seconds("race"), senders)

    return create_caller


@pytest.fixture(scope="module", autouse=True)
def quiet(context: RunContext) -> None:
    """A race has this process for itself: emptying a project beside it would delay the last bytes of its calls."""
    context.projects.settle()


@pytest.fixture(scope="session")
def history_dir(context: RunContext) -> Path:
    """Where the histories of a run go, one file for each race, process and host."""
    return context.settings.report / "races"


@pytest.fixture(scope="module")
def needed(request: pytest.FixtureRequest, context: RunContext) -> Counter[str]:
    """What the races of the module take of each project's quotas."""
    return needs.of_module(request.path.stem, options.width(request.config), context.capabilities)


@pytest.fixture(scope="module")
def crowd(
    context: RunContext,
    caller_of: CallerForUser,
    history_dir: Path,
    pytestconfig: pytest.Config,
    needed: Counter[str],
) -> Iterator[Callable[[str], list[Caller]]]:
    """Callers for a race of that name, members of empty projects that the module has for itself.

    There are --race-projects of them, or as many as the run has projects for. Raises NotClaimed for less than two.
    """
    context.applicability.require(["second-project"])
    number = int(min(options.projects(pytestconfig), context.projects.room))
    with context.lease(number, needed=needed) as lease:

        def named(race: str) -> list[Caller]:
            history = History.within(history_dir, race, context.settings.run_id)
            return [caller_of(project.account, history, race) for project in lease.projects]

        yield named


@pytest.fixture(scope="module")
def racing(
    context: RunContext, caller_of: CallerForUser, history_dir: Path, needed: Counter[str]
) -> Iterator[CallerForRace]:
    """As `crowd`, one caller in one project."""
    with context.lease(needed=needed) as lease:

        def named(race: str) -> Caller:
            history = History.within(history_dir, race, context.settings.run_id)
            return caller_of(lease.projects[0].account, history, race)

        yield named


@pytest.fixture(scope="module")
def caller(request: pytest.FixtureRequest, racing: CallerForRace) -> Caller:
    """As `racing`, for a module of one race, which has the module's name."""
    return racing(request.path.stem.removeprefix("test_").removesuffix("_race"))


@pytest.fixture(scope="module")
def template(context: RunContext, cloud: Capabilities) -> Template:
    """What servers are booted from. Raises Unsupported where a boot builds no network."""
    context.applicability.require_microversion(MICROVERSION)
    if cloud.shared_networks:
        raise Unsupported(f"network {cloud.shared_networks[0]} is shared with every project, none will be built")
    name = f"gman-{context.settings.run_id}-race"
    return Template(cloud.image_id, cloud.flavor_id, name, Wait(context.waits, "server_build"))
