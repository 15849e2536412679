"""Fixtures of the reference's tests: a reference in this process, one in processes of its own, and Compute."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from reference.bootstrap import bootstrap
from reference.config import Settings
from reference.store import Store
from reference.tests.clouds import Cloud, Server, User, log_in, session_of, start, stop
from reference.tests.computing import Compute


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[User]]:
    """The database file of a new reference after everyone has logged in, made once."""
    settings = Settings(data=tmp_path_factory.mktemp("prepared"))
    store = Store(settings.database_url)
    accounts = bootstrap(store, settings, {})
    session = session_of(store, settings)
    users = [log_in(session, account.user, account.password, account.project) for account in accounts]
    with store.engine.connect() as connection:
        connection.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))
    store.close()
    return settings.data / "gman.sqlite", users


@pytest.fixture
def cloud(tmp_path: Path, prepared: tuple[Path, list[User]]) -> Iterator[Cloud]:
    """All services in this process, on a SQLite file of their own; nothing is built unless a test builds it."""
    database, users = prepared
    shutil.copy(database, tmp_path / database.name)
    settings = Settings(data=tmp_path, builders=0)
    store = Store(settings.database_url)
    session = session_of(store, settings)
    yield Cloud(session, settings, store, *(replace(user, session=session) for user in users))
    store.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = start(tmp_path_factory.mktemp("served"))
    yield running
    stop(running)


@pytest.fixture
def compute(cloud: Cloud) -> Compute:
    """Compute, as the user demo calls it."""
    return Compute(cloud, cloud.demo)
