"""A database that is down, or can keep nothing more: 503 in each service's form, until it is back."""

import contextlib
import resource
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa

from reference import store as store_module
from reference.store import Store
from reference.store.failures import is_outage
from reference.tests.clouds import Cloud, Server, User, start, stop
from reference.tests.databases import database
from reference.tests.test_serve import children
from reference.tests.test_slow_clients import PATHS

__all__ = ["database"]

SOON = 20.0  # seconds until the database is seen to be back


class Link:
    """A proxy between the reference and its database: it forwards connections until it is cut."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.target, self.pairs = target, list[socket.socket]()
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.address = self.listening.getsockname()
        self.mend(self.listening)

    def mend(self, listening: socket.socket | None = None) -> None:
        self.listening = listening or socket.create_server(self.address)
        threading.Thread(target=self._accept, args=[self.listening], daemon=True).start()

    def cut(self) -> None:
        for end in (self.listening, *self.pairs):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self.pairs.clear()

    def _accept(self, listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, far = listening.accept()[0], socket.create_connection(self.target)
                self.pairs += [near, far]
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=ends, daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while content := source.recv(65536):
                sink.sendall(content)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def link(database: str) -> Iterator[tuple[str, Link]]:
    """The URL of a database, and the link to it."""
    url = sa.make_url(database)
    if url.get_backend_name() == "sqlite":
        pytest.skip("a file has no link to it")
    between = Link((str(url.host), url.port or {"postgresql": 5432}.get(url.get_backend_name(), 3306)))
    yield url.set(host="127.0.0.1", port=between.address[1]).render_as_string(hide_password=False), between
    between.cut()


def statuses(server: Server, user: User, method: str) -> dict[str, int]:
    """The status of each service's answer, and of the health check; every 503 is in the service's own form."""
    answers = {name: user(method, path, json={}) for name, path in PATHS.items()}
    for name, answer in answers.items():
        if answer.status_code == 503:
            [(kind, content)] = answer.json().items() if name != "image" else [("", answer.json())]
            assert content.get("code", 503) == 503
            assert kind in ("error", "", "NeutronError", "serviceUnavailable")
            assert answer.headers["x-openstack-request-id"].startswith("req-")
    health = requests.get(f"{server.url}/healthcheck", timeout=60).status_code
    return {**{name: answer.status_code for name, answer in answers.items()}, "health": health}


def test_a_database_that_is_down_for_a_while(link: tuple[str, Link], tmp_path: Path) -> None:
    url, between = link
    running = start(tmp_path, "--db", url)
    user = running.user("gman")
    assert set(statuses(running, user, "GET").values()) <= {200, 404}
    between.cut()
    assert statuses(running, user, "GET") == dict.fromkeys((*PATHS, "health"), 503)
    assert requests.post(f"{running.url}/identity/v3/auth/tokens", json={}, timeout=60).status_code == 400
    between.mend()
    deadline = time.monotonic() + SOON
    while 503 in statuses(running, user, "GET").values():
        assert time.monotonic() < deadline
    assert user.network("POST", "/networks", json={"network": {}}).status_code == 201
    assert stop(running) == 0


def test_a_disk_that_takes_no_more(tmp_path: Path) -> None:
    """Stored objects can still be read."""
    running = start(tmp_path, "--builders", "0")
    user = running.user("gman")
    create = {"network": {"name": "n"}}
    assert user.network("POST", "/networks", json=create).status_code == 201
    full = (tmp_path / "gman.sqlite-wal").stat().st_size
    _unlimited, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    for worker in children(running.process.pid):
        resource.prlimit(worker, resource.RLIMIT_FSIZE, (full, hard))
    refused = user.network("POST", "/networks", json=create)
    assert (refused.status_code, refused.json()["NeutronError"]["type"]) == (503, "HTTPServiceUnavailable")
    assert requests.get(f"{running.url}/healthcheck", timeout=60).status_code == 503
    assert len(user.network("GET", "/networks?name=n").json()["networks"]) == 1
    for worker in children(running.process.pid):
        resource.prlimit(worker, resource.RLIMIT_FSIZE, (hard, hard))
    assert user.network("POST", "/networks", json=create).status_code == 201
    assert requests.get(f"{running.url}/healthcheck", timeout=60).status_code == 200
    assert stop(running) == 0


def test_a_database_that_is_busy_for_too_long(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("BUSY_TIMEOUT", 0.1), ("PATIENCE", 0.2)):
        monkeypatch.setattr(f"reference.store.{name}", seconds)
    store = Store(cloud.settings.database_url)
    with closing(store), closing(sqlite3.connect(cloud.settings.data / "gman.sqlite")) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(sa.exc.OperationalError, match="locked") as refused:
            store.write(lambda _tx: None)
        assert is_outage(refused.value)
        assert time.monotonic() - began < SOON


def test_an_error_has_no_value_of_a_statement_in_it(cloud: Cloud) -> None:
    """Tokens are values, and errors are logged."""
    with pytest.raises(sa.exc.OperationalError) as refused, cloud.store.read() as tx:
        tx.execute(sa.text("SELECT :secret FROM nowhere"), {"secret": "a-token"})
    assert "a-token" not in str(refused.value)


def test_a_database_of_an_earlier_version_gets_its_columns(cloud: Cloud) -> None:
    table = sa.Table("later", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("more", sa.Text))
    cloud.store.write(lambda tx: tx.execute(sa.text("CREATE TABLE later (id INTEGER PRIMARY KEY)")))
    for _ in range(2):
        cloud.store.create_schema(table.metadata)
    cloud.store.write(lambda tx: tx.execute(table.insert().values(id=1, more="x")))


def test_a_statement_that_takes_too_long_is_ended(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sleep = {"postgresql": "SELECT pg_sleep(60)", "mysql": "SELECT sleep(60)"}
    kind = sa.make_url(database).get_backend_name()
    if kind not in sleep:
        pytest.skip("a file has no server that could go on with it")
    driver = {"postgresql": "psycopg", "mysql": "pymysql"}[kind]
    short = {
        "options": "-c statement_timeout=200",
        "init_command": "SET @bounded = 1 /*M! , max_statement_time = 0.2 */",
    }
    bounds = {name: short.get(name, value) for name, value in store_module._BOUNDS[driver].items()}
    monkeypatch.setitem(store_module._BOUNDS, driver, bounds)
    with closing(Store(database)) as store:
        began = time.monotonic()
        with pytest.raises(sa.exc.OperationalError) as ended, store.read() as tx:
            tx.execute(sa.text(sleep[kind]))
        assert is_outage(ended.value)
        assert time.monotonic() - began < SOON
