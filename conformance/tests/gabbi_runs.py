"""Runs gabbi files of a test against a scripted server, through the suite's plug-in."""

import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import uuid4

import fixtures
import pytest

from conformance.answers.witness import Witness
from conformance.deadlines import Deadlines
from conformance.gabbi.client import Client
from conformance.gabbi.files import GabbiFile, GabbiFolder
from conformance.gabbi.fixtures import FIXTURES
from conformance.report.collect import Collector, OnlyEnds
from conformance.run.hooks import Tests
from conformance.run.session import INI, NO_OUTSIDE_PLUGINS
from conformance.settings import Settings
from conformance.target.contact import Contact
from conformance.verdict import claims
from conformance.verdict.records import RunRecord
from conformance.verdict.signals import NotClaimed, Unsupported
from conformance.verdict.states import State
from conformance.verdict.waivers import Waiver
from conformance.waits import Waits

SECRET = "token-of-the-file"
HEAD = """\
# A gabbi file of a test.
fixtures: [EmptyProject]
{keys}
defaults:
  request_headers: {{x-auth-token: "$ENVIRON['GMAN_TOKEN']"}}
tests:
"""

ONE_REQUIREMENT = {"first": "N-AAT-001"}
REFUSAL = (404, {"NeutronError": {"type": "NetworkNotFound", "message": "no such network", "detail": ""}})
THREE = """\
- name: first
  GET: {url}/one
  response_json_paths: {$.id: 1}
- name: second
  GET: {url}/two
- name: third
  GET: {url}/three
"""


class Script:
    """A WSGI application: path -> answers (status, JSON), of which the last is repeated; it records requested paths."""

    def __init__(self, **answers: list[tuple[int, Any]]) -> None:
        self.answers = {f"/v2.0/{name}": list(replies) for name, replies in answers.items()}
        self.asked: list[str] = []
        self.agents: list[str] = []
        self.types: list[tuple[str, str]] = []  # the headers accept and content-type of requests
        self.headers = {"Content-Type": "application/json", "X-OpenStack-Request-ID": f"req-{uuid4()}"}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        self.asked.append(path.removeprefix("/v2.0/"))
        self.agents.append(environ.get("HTTP_USER_AGENT", ""))
        self.types.append((environ.get("HTTP_ACCEPT", ""), environ.get("CONTENT_TYPE", "")))
        replies = self.answers[path]
        status, body = replies.pop(0) if len(replies) > 1 else replies[0]
        start_response(f"{status} {HTTPStatus(status).phrase}", list(self.headers.items()))
        return [body.encode() if isinstance(body, str) else json.dumps(body).encode()]


class FakeApplicability:
    """Everything applies, but for microversions beyond `newest` and requirements of later releases, `newer`."""

    def __init__(self) -> None:
        self.newest = ""
        self.newer: set[str] = set()

    def require_test(self, covered: object, microversion: str = "") -> None:
        pass

    def require(self, needs: object) -> None:
        pass

    def require_microversion(self, microversion: str) -> None:
        if claims.older(self.newest, microversion):
            raise Unsupported(f"older than {microversion}")

    def require_release(self, observed: Iterable[str]) -> None:
        ids = set(observed)
        if ids and ids <= self.newer:
            raise NotClaimed("of a later release")


class FakeContext:
    """A fake of the RunContext that the plug-in needs; the fixture of the file `failing` raises."""

    def __init__(self, url: str, waivers: Iterable[Waiver] = ()) -> None:
        self.settings = Settings("", Path(), "run")
        self.applicability = FakeApplicability()
        self.contact = Contact()
        self.witness = Witness()
        self.client = Client(contact=self.contact)
        self.deadlines = Deadlines(server_build=0.5)
        self.waivers = list(waivers)
        self.secrets = {SECRET}
        self.leaks: list[str] = []
        self.url = url
        self.entered: list[str] = []
        self.left: list[str] = []
        self.failing: dict[str, Exception] = {}

    @property
    def waits(self) -> Waits:
        return Waits(self.deadlines)

    def close(self) -> None:
        self.client.close()


class FakeProject(fixtures.Fixture):  # type: ignore[misc]
    """Stands for EmptyProject."""

    def __init__(self, context: FakeContext, gabbi_file: GabbiFile) -> None:
        self._context = context
        self._file = gabbi_file.id

    def _setUp(self) -> None:  # noqa: N802 - the name that fixtures asks for
        self._context.entered.append(self._file)
        for name, value in (("GMAN_NETWORK_URL", self._context.url), ("GMAN_TOKEN", SECRET)):
            self.useFixture(fixtures.EnvironmentVariable(name, value))
        self.addCleanup(self._context.left.append, self._file)
        if error := self._context.failing.get(self._file):
            raise error


def write(folder: Path, name: str, tests: str, covers: Mapping[str, str] = ONE_REQUIREMENT, keys: str = "") -> Path:
    """A gabbi file in the folder, its tests as YAML; {url} stands for the server. `covers` gives the names of tests
    the ids of what they observe, with commas between them.
    """
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    for test, ids in covers.items():
        tests = re.sub(rf"(- name: {test}\n)", rf"\1  response_covers: [{ids}]\n", tests)
    path.write_text(HEAD.format(keys=keys) + tests.replace("{url}", "$ENVIRON['GMAN_NETWORK_URL']/v2.0"))
    return path


def run(folder: Path, context: FakeContext, *selection: str) -> RunRecord:
    """All gabbi files of the folder, run in this process."""
    collector = Collector(OnlyEnds(lambda _record: None))
    arguments = ["-c", str(INI), "--rootdir", str(folder), "-p", "conformance.run.plugin", *selection, str(folder)]
    with mock.patch.dict(os.environ, NO_OUTSIDE_PLUGINS), mock.patch.dict(FIXTURES, EmptyProject=FakeProject):
        pytest.main(arguments, plugins=[collector, Tests(context, GabbiFolder(folder))])  # type: ignore[arg-type]
    return collector.run


def states(results: RunRecord) -> dict[str, State]:
    """Test name without its file -> state."""
    return {name.partition("::")[2]: record.state for name, record in results.tests.items()}


Serve = Callable[..., tuple[Script, FakeContext]]


def reason(results: RunRecord, name: str) -> str:
    return next(record.reason for id_, record in results.tests.items() if id_.endswith(f"::{name}"))
