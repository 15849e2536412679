"""`gman_cloud`, as the author of a client uses it: in the client's folder, with the package installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reference.tests.clouds import LONGEST

EXAMPLE = Path(__file__).parents[2] / "docs/examples/test_client.py"
ALONE = """
import sys

def test_nothing_is_loaded_for_who_does_not_ask():
    loaded = {name.partition(".")[0] for name in sys.modules}
    assert not loaded & {"conformance", "falcon", "gunicorn", "sqlalchemy", "yaml"}, loaded
    assert {name for name in sys.modules if name.startswith("reference")} == {"reference", "reference.pytest_fixture"}
"""
ACCOUNTS = """
def test_what_it_gives(gman_cloud):
    admin = gman_cloud.environment("gman-admin", {"PATH": "/bin", "OS_TOKEN": "another's"})
    assert (admin["OS_USERNAME"], admin["OS_CLOUD"], admin["PATH"]) == ("admin", "gman-admin", "/bin")
    assert "OS_TOKEN" not in admin
    assert gman_cloud.environment()["OS_AUTH_URL"] == gman_cloud.auth_url
    assert (gman_cloud.cloud, gman_cloud.project, gman_cloud.region) == ("gman", "demo", "RegionOne")
    assert admin["OS_PASSWORD"] not in repr(gman_cloud)
"""
FLAGS = """
import pytest

@pytest.fixture(scope="session")
def gman_cloud_flags():
    return ["--fault", "no-such-fault"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder, and beside it one for temporary files."""
    for name in ("client", "temporary"):
        (tmp_path / name).mkdir()
    return tmp_path / "client"


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    variables = {name: text for name, text in os.environ.items() if not name.startswith(("OS_", "PYTEST"))}
    temporary = str(folder.with_name("temporary"))
    return subprocess.run(
        [sys.executable, "-P", "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=folder, env=variables | {"TMPDIR": temporary, "PYTHONDONTWRITEBYTECODE": "1"}, capture_output=True,
        text=True, timeout=LONGEST, check=False,
    )  # fmt: skip


def passes(folder: Path) -> None:
    before = sorted(folder.iterdir())
    completed = run(folder)
    assert completed.returncode == 0, completed.stdout + completed.stderr
    assert sorted(folder.iterdir()) == before
    assert not list(folder.with_name("temporary").iterdir())


def test_the_example_of_the_documentation_passes(folder: Path) -> None:
    shutil.copy(EXAMPLE, folder)
    passes(folder)


def test_an_unused_fixture_loads_nothing(folder: Path) -> None:
    (folder / "test_alone.py").write_text(ALONE)
    passes(folder)


def test_what_it_gives_beside_a_package_of_the_same_name(folder: Path) -> None:
    """The client's own `reference` is not taken for ours."""
    (folder / "reference").mkdir()
    (folder / "reference/__init__.py").write_text("raise ImportError('the wrong one')")
    (folder / "test_accounts.py").write_text(ACCOUNTS)
    passes(folder)


def test_flags_that_are_wrong_are_one_line(folder: Path) -> None:
    (folder / "conftest.py").write_text(FLAGS)
    (folder / "test_accounts.py").write_text(ACCOUNTS)
    completed = run(folder)
    assert completed.returncode == 1
    assert "\ngman_cloud did not come up: no such fault: no-such-fault\n" in completed.stdout
    assert "Traceback" not in completed.stdout
    assert not list(folder.with_name("temporary").iterdir())
