"""What the races share: a member of an empty project, whose every call is written into the report's directory."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.capabilities import Capabilities
from conformance.race import options
from conformance.race.battery import Battery, drawn_up
from conformance.race.caller import Caller, Racing
from conformance.race.history import History
from conformance.race.servers import Template
from conformance.stage import Stage
from conformance.verdict import Unsupported


@pytest.fixture(scope="session", autouse=True)
def battery(pytestconfig: pytest.Config) -> Iterator[Battery | None]:
    """Processes elsewhere that send the calls of races, where the run has named some."""
    with drawn_up(options.senders(pytestconfig)) as drawn:
        yield drawn


@pytest.fixture(scope="session")
def history_dir(stage: Stage) -> Path:
    """Where the histories of a run go, one file for each race, process and host."""
    return stage.settings.report / "races"


@pytest.fixture(scope="module")
def caller(request: pytest.FixtureRequest, stage: Stage, history_dir: Path) -> Iterator[Caller]:
    """A member of a project that has nothing, ours until the tests of the module have run."""
    race = request.path.stem.removeprefix("test_").removesuffix("_race")
    history = History.within(history_dir, race, stage.settings.run_id)
    with stage.lease() as lease:
        yield Caller(lease.projects[0].account, history, race, stage.deadlines.race)


@pytest.fixture(scope="module")
def racing(stage: Stage, history_dir: Path) -> Iterator[Racing]:
    """The same for modules of several races: a member of an empty project, in whose name a race of that name is run."""
    with stage.lease() as lease:

        def named(race: str) -> Caller:
            history = History.within(history_dir, race, stage.settings.run_id)
            return Caller(lease.projects[0].account, history, race, stage.deadlines.race)

        yield named


@pytest.fixture(scope="module")
def template(stage: Stage, cloud: Capabilities) -> Template:
    """What the servers are made of, where booting one brings a network about."""
    if cloud.shared_networks:
        raise Unsupported(f"network {cloud.shared_networks[0]} is shared with every project, none will be built")
    name = f"gman-{stage.settings.run_id}-race"
    return Template(cloud.image_id, cloud.flavor_id, name, stage.deadlines.server_build)
