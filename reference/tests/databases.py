"""A fresh, empty database on each kind of server; where a server does not run, the test says what to do."""

import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa


@dataclass(frozen=True)
class Server:
    """A database server: the variable that names it, where it usually is, and how to have one."""

    variable: str
    usual: str
    start: str


SERVERS = {
    "postgresql": Server(
        "GMAN_TEST_POSTGRESQL",
        "postgresql+psycopg://postgres@127.0.0.1/postgres",
        "docker run -e POSTGRES_HOST_AUTH_METHOD=trust -p 5432:5432 postgres",
    ),
    "mariadb": Server(
        "GMAN_TEST_MARIADB",
        "mysql+pymysql://root@127.0.0.1/mysql",
        "docker run -e MARIADB_ALLOW_EMPTY_ROOT_PASSWORD=1 -p 3306:3306 mariadb",
    ),
}
KINDS = ("sqlite", *SERVERS)


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database, gone after the test."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'gman.sqlite'}"
        return
    server = SERVERS[request.param]
    url = sa.make_url(os.environ.get(server.variable, server.usual))
    name = f"gman_test_{uuid.uuid4().hex[:12]}"
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
    except sa.exc.OperationalError as refused:
        reason = f"no {request.param} here: start one ({server.start}) or name it by {server.variable}"
        if "CI" in os.environ:
            pytest.fail(f"{reason}: {refused.orig}")
        pytest.skip(reason)
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            force = " WITH (FORCE)" if request.param == "postgresql" else ""
            connection.execute(sa.text(f"DROP DATABASE {name}{force}"))
        engine.dispose()
