"""The suite is green on the embedded reference over each kind of database server: all of it in CI, else
only the races, as databases differ in those."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from conformance.requirements.registry import Profile
from reference.tests.databases import SERVERS, database

__all__ = ["database"]

GMAN = Path(sys.executable).with_name("gman")
SECONDS = 180  # for a whole run, on a busy machine


@pytest.mark.long
@pytest.mark.parametrize("database", list(SERVERS), indirect=True)
def test_conformant(database: str, tmp_path: Path) -> None:
    environment = {**os.environ, "GMAN_DB": database, "XDG_STATE_HOME": str(tmp_path)}
    environment.pop("OS_CLOUD", None)
    # by default the reference claims all but connectivity, which needs servers that run
    claimed = (
        [profile for profile in Profile if profile is not Profile.CONNECTIVITY] if "CI" in os.environ else ["race"]
    )
    command = [str(GMAN), "run", "--profile", ",".join(claimed), "--report", str(tmp_path / "report")]
    completed = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert completed.returncode == 0, completed.stdout + completed.stderr
    for profile in {"core", "compute", "race"} & set(claimed):
        assert f"{profile:<10}conformant" in completed.stdout
    engine = sa.create_engine(database)
    with engine.connect() as connection:  # the run used this database
        assert connection.execute(sa.text("SELECT count(*) FROM net_pool_blocks")).scalar()
    engine.dispose()
