"""What the races share: a member of an empty project, whose every call is written into the report's directory."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.race.caller import Caller
from conformance.race.history import History
from conformance.stage import Stage


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
