"""Tokens of users whose servers wait to be built: no copy of the database discloses them; any builder can use them."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from reference.compute.work_tokens import Seal
from reference.config import Settings
from reference.tests.clouds import Cloud
from reference.tests.computing import Compute

SERVERS = "postgresql+psycopg://gman:{}@db/cloud"


def test_no_file_of_the_database_has_a_token(cloud: Cloud) -> None:
    compute = Compute(cloud, cloud.demo)
    item = compute.boot("none").json()["server"]["id"]
    with sqlite3.connect(cloud.settings.data / "gman.sqlite") as database:
        [sealed] = [token for (token,) in database.execute("SELECT token FROM cmp_work")]
    database.close()
    for path in cloud.settings.data.glob("gman.sqlite*"):
        assert cloud.demo.token.encode() not in path.read_bytes()
    assert Seal(cloud.settings).open(sealed) == cloud.demo.token
    assert compute("GET", f"/servers/{item}").status_code == 200


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"database": SERVERS.format("a")}, {"database": SERVERS.format("a")}, True),
        ({"database": SERVERS.format("a")}, {"database": SERVERS.format("b")}, False),
        ({"work_key": "k"}, {"work_key": "k", "database": SERVERS.format("a")}, True),
        ({"work_key": "k"}, {"work_key": "l"}, False),
    ],
    ids=str,
)
def test_builders_with_the_same_key_can_decrypt_tokens(one: dict[str, str], other: dict[str, str], same: bool) -> None:
    sealed = Seal(Settings(**one)).close("a-token")  # type: ignore[arg-type]
    assert Seal(Settings(**other)).open(sealed) == ("a-token" if same else "")  # type: ignore[arg-type]


def test_the_key_beside_a_file_is_made_once(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    sealed = Seal(settings).close("a-token")
    assert Seal(replace(settings)).open(sealed) == "a-token"
    (tmp_path / "gman.sqlite.key").write_text("another")
    assert Seal(settings).open(sealed) == ""
