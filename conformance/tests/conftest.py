"""The suite's own tests may import the tests of the suite, whose mark pytest then has to know."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "requirement(id, ...): the requirements that the test observes")
