import pytest


@pytest.fixture(scope="session")
def gman_cloud_flags():
    return ["--fault", "no-router"]
