"""The pytest plug-in of the suite: its options and fixtures, and the hooks that fit the process it is loaded in.

Loaded by name in the process that collects the tests; where that is not the command line's, `gman run`, the settings
come from the environment.
"""

from collections.abc import Iterator

import pytest

from conformance.projects.leases import Project
from conformance.race import needs
from conformance.race.engine import options
from conformance.run import selection
from conformance.run.context import RunContext
from conformance.run.hooks import CONTEXT, Tests
from conformance.run.standalone import StandaloneTests
from conformance.target.capabilities import Capabilities


def pytest_addoption(parser: pytest.Parser) -> None:
    options.add_options(parser.getgroup("races"))
    selection.add_options(parser.getgroup("selection"))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "requirement(id, ...): the requirements that the test observes")
    if not any(isinstance(plugin, Tests) for plugin in config.pluginmanager.get_plugins()):
        config.pluginmanager.register(StandaloneTests(), "gman-tests")


@pytest.fixture(scope="session")
def context(pytestconfig: pytest.Config) -> RunContext:
    """What all tests of this process share."""
    return pytestconfig.stash[CONTEXT]


@pytest.fixture(scope="session")
def cloud(context: RunContext) -> Capabilities:
    """What the cloud under test shows of itself."""
    return context.capabilities


@pytest.fixture
def empty_project(request: pytest.FixtureRequest, context: RunContext) -> Iterator[Project]:
    """A project with nothing in it, the test's alone, and emptied after it."""
    needed = needs.of_module(request.path.stem, options.width(request.config), context.capabilities)
    with context.lease(needed=needed) as lease:
        yield lease.projects[0]
