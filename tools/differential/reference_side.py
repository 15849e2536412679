"""The reference's services in this process, each on a SQLite database whose states can be brought back."""

import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import falcon
from fuzzing.wire import Answer, Request

from differential.sides import identified
from reference import app, network
from reference.bootstrap import bootstrap
from reference.compute.schemas.history import History
from reference.config import Settings
from reference.credentials import Account
from reference.identity import auth_methods, tokens
from reference.network import tables
from reference.store import Store, ids
from reference.wsgi import client
from reference.wsgi.context import Caller
from reference.wsgi.routes import Call

HERE = "http://127.0.0.1:5050"
DOMAIN = {"id": "default"}
DAY = 24 * 3600


class Database:
    """The database of a reference in `folder`, and its states by name."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.settings = Settings(data=folder, builders=0)
        self.store = Store(self.settings.database_url)
        self.file = sqlite3.connect(folder / "gman.sqlite")
        self.states: dict[str, sqlite3.Connection] = {}

    def keep(self, name: str) -> None:
        self.states[name] = sqlite3.connect(":memory:")
        self.file.backup(self.states[name])

    def restore(self, name: str) -> None:
        self.states[name].backup(self.file)

    def close(self) -> None:
        for connection in (self.file, *self.states.values()):
            connection.close()
        self.store.close()


class _Clock:
    """A clock for ids that grow from one to the next, as those of Neutron beside it do."""

    def __init__(self) -> None:
        self.milliseconds = itertools.count(1)

    def time_ns(self) -> int:
        return next(self.milliseconds) * 1_000_000


class ReferenceNetwork(Database):
    """Networking, whose callers are those that headers name, and whose ids are in the order of creation."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.clock = _Clock()
        self.store.create_schema(tables.METADATA)
        self.app = network.application(self.store, self.settings, _caller)

    def send(self, request: Request, caller: str) -> Answer:
        url = HERE + request.target.removeprefix("/network")
        with mock.patch.object(ids, "time", self.clock):
            got = client.answer(self.app, request.method, url, identified(request, caller), request.body or b"")
        return Answer(got.status_code, {name.lower(): text for name, text in got.headers.items()}, got.content)


class ReferenceSchemas(Database):
    """All services: their answer is 400 for a body or a query that is invalid to them, 500 for a crash, else 200.

    A body that has passed the reference's schema counts as accepted, whatever its handler says of it then: Nova's
    schemas know nothing of networks, images and quotas either.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        accounts = {account.user: account for account in bootstrap(self.store, self.settings, {})}
        self.app = app.application(app.services(self.store, self.settings).apps, self.store, self.settings)
        self.tokens = {"admin": self._token(accounts["admin"]), "member": self._token(accounts["demo"])}

    def _token(self, account: Account) -> str:
        user = {"name": account.user, "domain": DOMAIN, "password": account.password}
        proof = auth_methods.by_password(self.store, {"user": user})
        return tokens.issue(self.store, proof, {"name": account.project, "domain": DOMAIN}, DAY)

    def send(self, request: Request, caller: str) -> Answer:
        with _passed_schemas() as passed:
            got = self.answer(request, caller)
        if got.status >= 500:
            return got
        return Answer(400 if got.status == 400 and not passed else 200, {}, b"{}")

    def answer(self, request: Request, caller: str) -> Answer:
        """The whole answer."""
        headers = {**dict(request.all_headers()), "X-Auth-Token": self.tokens[caller]}
        got = client.answer(self.app, request.method, HERE + request.target, headers, request.body or b"")
        return Answer(got.status_code, {}, got.content)


@contextmanager
def _passed_schemas() -> Iterator[list[History]]:
    """The schemas of Compute that a body passes inside the block."""
    passed: list[History] = []
    check = History.check

    def noted(history: History, call: Call, body: Any) -> Any:
        checked = check(history, call, body)
        passed.append(history)
        return checked

    with mock.patch.object(History, "check", noted):
        yield passed


def _caller(request: falcon.Request) -> Caller:
    """The caller that the headers of `identified` name."""
    project, roles = request.get_header("X-Project-Id"), request.get_header("X-Roles")
    return Caller(str(request.get_header("X-User-Id")), str(project), frozenset(str(roles).split(",")), "")
