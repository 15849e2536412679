"""Each of the hostile answers, to each part of the suite that may get one: it ends in time, and never breaks the
suite.
"""

import resource
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
import requests

from conformance.deadlines import Deadlines
from conformance.race.engine.caller import Caller
from conformance.race.engine.history import History
from conformance.race.engine.observer import Observer
from conformance.race.engine.volley import VolleyError, fire
from conformance.race.engine.wire import Request
from conformance.settings import UsageProblem
from conformance.target.cloud import Cloud
from conformance.target.transport import Transport
from conformance.tests.conftest import Gman
from conformance.tests.hostile_answers import ANSWERS, HostileProxy
from conformance.tests.tiny_cloud import running, write_clouds
from conformance.verdict.states import Exit

DEADLINE = 0.5  # seconds that one request may take
BEYOND = 2.0  # seconds more for what comes after it
UNDECODABLE = ("body: UTF-16", "header: an unknown charset")
SAMPLE = sorted({*sorted(ANSWERS)[::9], *UNDECODABLE})  # of what takes a whole command
MOST_MEMORY = 200 * 1024  # KiB that one more answer may take


@pytest.fixture(autouse=True)
def bounded_memory() -> Any:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_MEMORY


def test_there_are_many() -> None:
    assert len(ANSWERS) >= 60


@pytest.mark.parametrize("answer", sorted(ANSWERS))
def test_one_request_ends(answer: str) -> None:
    with HostileProxy("http://127.0.0.1:9", answer, lambda *_: True).serving() as proxy:
        began = monotonic()
        try:
            response = Transport().exchange("GET", f"{proxy.url}/a", {}, None, DEADLINE)
            assert isinstance(response.status, int)
        except requests.RequestException:
            pass
        assert monotonic() - began < DEADLINE + BEYOND


@pytest.mark.parametrize("answer", sorted(ANSWERS))
def test_a_volley_ends(answer: str) -> None:
    with HostileProxy("http://127.0.0.1:9", answer, lambda *_: True).serving() as proxy:
        began = monotonic()
        try:
            deliveries = fire([Request("GET", f"{proxy.url}/a")] * 2, answer_seconds=DEADLINE)
            assert all(delivery.answer or delivery.lost for delivery in deliveries)
        except VolleyError:
            pass
        assert monotonic() - began < DEADLINE + BEYOND


@pytest.mark.parametrize("answer", sorted(ANSWERS))
def test_a_sign_in_ends_in_one_line(tmp_path: Path, answer: str) -> None:
    with running() as tiny, HostileProxy(tiny.url, answer, lambda _, path: path.endswith("/tokens")).serving() as proxy:
        clouds = write_clouds(tmp_path / "c.yaml", proxy.url)
        cloud = Cloud("tiny", str(clouds), Deadlines(request=DEADLINE))
        began = monotonic()
        with pytest.raises(UsageProblem) as refused:
            print(cloud.account.project_id, cloud.account.roles, cloud.account.endpoints)
        assert monotonic() - began < DEADLINE + BEYOND
        assert "\n" not in str(refused.value)
        assert proxy.hit
        cloud.close()


@pytest.mark.parametrize("answer", SAMPLE)
def test_an_observer_ends(tmp_path: Path, answer: str) -> None:
    with running() as tiny, HostileProxy(tiny.url, answer, lambda _, path: "/v2.0/" in path).serving() as proxy:
        cloud = Cloud("tiny", str(write_clouds(tmp_path / "c.yaml", proxy.url)), Deadlines(request=DEADLINE))
        caller = Caller(cloud.account, History.within(tmp_path, "race", "run"), "race", DEADLINE)
        began = monotonic()
        with Observer(caller, DEADLINE) as observer:
            observer.start()
        assert monotonic() - began < 2 * DEADLINE + BEYOND
        assert not observer.running
        cloud.close()


@pytest.mark.parametrize("command", ["doctor", "sweep", "run"])
@pytest.mark.parametrize("answer", SAMPLE)
def test_a_command_ends_with_a_line_or_a_report(
    gman: Gman, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, answer: str
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    journal = tmp_path / "state" / "get-me-a-network" / "runs" / "r.ndjson"
    with running() as tiny, HostileProxy(tiny.url, answer, HITS[command]).serving() as proxy:
        journal.parent.mkdir(parents=True)
        journal.write_text(f'{{"made": "gman-r-1", "cloud": "{proxy.url}/identity/v3"}}\n')
        code, printed = gman(command, "--cloud", "tiny", *OPTIONS[command], url=proxy.url)
    assert proxy.hit, printed
    assert code in (Exit.FAILED, Exit.INCONCLUSIVE, Exit.USAGE)
    assert "Traceback" not in printed
    assert "the suite broke" not in printed
    assert list(here.iterdir()) == []


HITS = {
    "doctor": lambda _, path: path.startswith(("/network", "/compute", "/image")),
    "sweep": lambda _, path: "/projects" in path or "/users" in path,
    "run": lambda _, path: "auto-allocated" in path and "dry-run" not in path,
}
REQUEST = ("--deadline", "request=2")
OPTIONS = {
    "doctor": REQUEST,
    "sweep": ("--admin-cloud", "tiny", *REQUEST),
    "run": ("-k", "topology-get.yaml", "--claim", "core", *REQUEST, "--deadline", "settle=0.5"),
}
