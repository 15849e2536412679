"""What the races share: a member of an empty project, whose every call is written into the report's directory."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conformance.race.engine import options
from conformance.race.engine.caller import Caller, Racing
from conformance.race.engine.history import History
from conformance.race.engine.remote_senders import Battery, drawn_up
from conformance.race.operations.servers import MICROVERSION, Template
from conformance.run.context import Stage
from conformance.target.capabilities import Capabilities
from conformance.verdict.signals import NotClaimed, Unsupported


@pytest.fixture(scope="session", autouse=True)
def battery(pytestconfig: pytest.Config) -> Iterator[Battery | None]:
    """Processes elsewhere that send the calls of races, where the run has named some."""
    with drawn_up(options.senders(pytestconfig)) as drawn:
        yield drawn


@pytest.fixture(scope="module", autouse=True)
def quiet(stage: Stage) -> None:
    """A race has this process for itself: a project that is being emptied would keep its last bytes waiting."""
    stage.projects.settle()


@pytest.fixture(scope="session")
def history_dir(stage: Stage) -> Path:
    """Where the histories of a run go, one file for each race, process and host."""
    return stage.settings.report / "races"


@pytest.fixture(scope="module")
def crowd(stage: Stage, history_dir: Path, pytestconfig: pytest.Config) -> Iterator[Callable[[str], list[Caller]]]:
    """Members of several empty projects, ours until the tests of the module have run, in whose names a race of that
    name is run; as many of them as the run was asked for and has projects for.
    """
    if stage.projects.room < 2:
        raise NotClaimed("takes a second project: --alt-cloud, --accounts or --admin-cloud")
    with stage.lease(int(min(options.projects(pytestconfig), stage.projects.room))) as lease:

        def named(race: str) -> list[Caller]:
            history = History.within(history_dir, race, stage.settings.run_id)
            return [Caller(project.account, history, race, stage.deadlines.race) for project in lease.projects]

        yield named


@pytest.fixture(scope="module")
def racing(stage: Stage, history_dir: Path) -> Iterator[Racing]:
    """The same for one project: a member of it, in whose name a race of that name is run."""
    with stage.lease() as lease:

        def named(race: str) -> Caller:
            history = History.within(history_dir, race, stage.settings.run_id)
            return Caller(lease.projects[0].account, history, race, stage.deadlines.race)

        yield named


@pytest.fixture(scope="module")
def caller(request: pytest.FixtureRequest, racing: Racing) -> Caller:
    """The same for a module of one race, which has the module's name."""
    return racing(request.path.stem.removeprefix("test_").removesuffix("_race"))


@pytest.fixture(scope="module")
def template(stage: Stage, cloud: Capabilities) -> Template:
    """What the servers are made of, where booting one brings a network about."""
    if lack := stage.too_new(MICROVERSION):
        raise lack
    if cloud.shared_networks:
        raise Unsupported(f"network {cloud.shared_networks[0]} is shared with every project, none will be built")
    name = f"gman-{stage.settings.run_id}-race"
    return Template(cloud.image_id, cloud.flavor_id, name, stage.deadlines.server_build)
