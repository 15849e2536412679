"""`gman_cloud`, a pytest fixture for the tests of clients: a cloud for the session, gone after it.

pytest loads this module wherever the package is installed (entry point `pytest11`), so it imports nothing but pytest
and the standard library, adds no hook or option, and costs nothing unless a test uses the fixture.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # loaded only if the fixture is used
    from reference.private_cloud import PrivateCloud

NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, repr=False)
class GmanCloud:
    """A cloud that is up, set up for `networks: auto`: what a client needs to find it and log in."""

    auth_url: str  # Identity's, such as http://127.0.0.1:40073/identity/v3
    clouds_file: Path  # its clouds.yaml, with the accounts gman, gman-alt, gman-admin and gman-reader
    cloud: str  # the name there of a member of `project`
    project: str  # the name of an empty project
    region: str
    _served: "PrivateCloud"

    def environment(self, account: str = "", base: Mapping[str, str] = NOTHING) -> dict[str, str]:
        """`base` with the OS_* variables of an account, by its name in clouds.yaml (default: `cloud`)."""
        return self._served.environment(base, account or self.cloud)

    def __repr__(self) -> str:
        return f"<gman_cloud at {self.auth_url}>"


@pytest.fixture(scope="session")
def gman_cloud_flags() -> Sequence[str]:
    """Flags of `gman serve` for `gman_cloud`; a conftest.py may have its own, such as ["--fault", "no-router"]."""
    return []


@pytest.fixture(scope="session")
def gman_cloud(gman_cloud_flags: Sequence[str]) -> Iterator[GmanCloud]:
    """A cloud on a free port of loopback, in a process of its own (with xdist: one for each of its processes)."""
    from reference.private_cloud import ACCOUNT, CloudDown, PrivateCloud

    with PrivateCloud(gman_cloud_flags) as served:
        try:
            served.wait()
        except CloudDown as error:
            pytest.fail(f"gman_cloud did not come up: {error}", pytrace=False)
        login = served.login()
        auth = login["auth"]
        yield GmanCloud(
            auth["auth_url"], served.clouds_file, ACCOUNT, auth["project_name"], login["region_name"], served
        )
