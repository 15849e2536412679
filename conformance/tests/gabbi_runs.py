"""Runs gabbi files that a test has written, against a server that a test has scripted, through the suite's plug-in."""

import json
import os
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from http import HTTPStatus
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import uuid4

import fixtures
import pytest

from conformance.deadlines import Deadlines
from conformance.gabbi import files as gabbi_files
from conformance.gabbi.client import Client
from conformance.report.collect import Results
from conformance.run.plugin import Tests
from conformance.run.session import ALONE, INI
from conformance.verdict import claims
from conformance.verdict.signals import NotClaimed, Unsupported
from conformance.verdict.states import State
from conformance.verdict.waivers import Waiver

HEAD = """\
# An arc of a test.
covers:
  {covers}
fixtures: [EmptyProject]
{keys}
defaults:
  request_headers: {{x-auth-token: "$ENVIRON['GMAN_TOKEN']"}}
tests:
"""

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
    """A WSGI application: path -> answers (status, JSON), of which the last is repeated; all asked paths are kept."""

    def __init__(self, **answers: list[tuple[int, Any]]) -> None:
        self.answers = {f"/v2.0/{name}": list(replies) for name, replies in answers.items()}
        self.asked: list[str] = []
        self.agents: list[str] = []
        self.headers = {"Content-Type": "application/json", "X-OpenStack-Request-ID": f"req-{uuid4()}"}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        self.asked.append(path.removeprefix("/v2.0/"))
        self.agents.append(environ.get("HTTP_USER_AGENT", ""))
        replies = self.answers[path]
        status, body = replies.pop(0) if len(replies) > 1 else replies[0]
        start_response(f"{status} {HTTPStatus(status).phrase}", list(self.headers.items()))
        return [body.encode() if isinstance(body, str) else json.dumps(body).encode()]


class FakeStage:
    """What the plug-in asks of a Stage, with nothing behind it; `enter` may be replaced to fail."""

    def __init__(self, url: str, waivers: Iterable[Waiver] = ()) -> None:
        self.client = Client()
        self.deadlines = Deadlines(server_build=0.5)
        self.waivers = list(waivers)
        self.secrets = {"token-of-the-arc"}
        self.leaks: list[str] = []
        self.url = url
        self.entered: list[str] = []
        self.left: list[str] = []
        self.newest = ""
        self.younger: set[str] = set()  # requirements of later releases

    def check(self, covered: object) -> None:
        pass

    def too_new(self, microversion: str) -> Unsupported | None:
        return Unsupported(f"older than {microversion}") if claims.older(self.newest, microversion) else None

    def of_later_releases(self, observed: Iterable[str]) -> NotClaimed | None:
        ids = set(observed)
        return NotClaimed("of a later release") if ids and ids <= self.younger else None

    def enter(self, arc: gabbi_files.Arc, until: ExitStack) -> None:
        self.entered.append(arc.id)
        for name, value in (("GMAN_NETWORK_URL", self.url), ("GMAN_TOKEN", "token-of-the-arc")):
            until.enter_context(fixtures.EnvironmentVariable(name, value))
        until.callback(self.left.append, arc.id)

    def close(self) -> None:
        self.client.close()


def write(folder: Path, name: str, tests: str, covers: str = "N-AAT-001: [first]", keys: str = "") -> Path:
    """A gabbi file in the folder, its tests as YAML; {url} stands for the server."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = HEAD.format(covers=covers, keys=keys) + tests.replace("{url}", "$ENVIRON['GMAN_NETWORK_URL']/v2.0")
    path.write_text(text)
    return path


def run(folder: Path, stage: FakeStage, *selection: str) -> Results:
    """All gabbi files of the folder, run in this process."""
    results = Results({}, lambda _result: None)
    arguments = ["-c", str(INI), "--rootdir", str(folder), "-p", "conformance.run.plugin", *selection, str(folder)]
    with mock.patch.dict(os.environ, ALONE), mock.patch.object(gabbi_files, "folder", return_value=folder):
        pytest.main(arguments, plugins=[results, Tests(stage)])  # type: ignore[arg-type]
    return results


def states(results: Results) -> dict[str, State]:
    """Test name without its file -> state."""
    return {name.partition("::")[2]: result.outcome.state for name, result in results.tests.items()}


Serve = Callable[..., tuple[Script, FakeStage]]


def reason(results: Results, name: str) -> str:
    return next(result.outcome.reason for id_, result in results.tests.items() if id_.endswith(f"::{name}"))
