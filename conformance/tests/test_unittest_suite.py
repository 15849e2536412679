"""The tests for runners of unittest: each has its id, and its state as unittest knows it."""

import unittest
from pathlib import Path
from typing import Any

import pytest

from conformance.coverage import requirement_tests
from conformance.run import environment
from conformance.settings import UsageProblem
from conformance.unittest_suite import test_conformance as suite
from conformance.verdict.records import TestRecord
from conformance.verdict.states import State

FILE = "gabbits/a/b.yaml"


def test_every_test_has_an_id_with_its_requirements() -> None:
    tests: list[Any] = list(suite.load_tests(None, None, None))
    ids = [test.id() for test in tests]
    assert len(ids) == len(set(ids))
    assert not any(" " in id_ for id_ in ids)
    bare = {id_.removeprefix(f"{suite.MODULE}.").partition("[")[0] for id_ in ids}
    assert {name.replace(" ", "_") for name in requirement_tests.tests()} <= bare
    assert any(id_.endswith("topology-get.yaml::the_first_request_answers_one_id[N-AAT-001]") for id_ in ids)
    files = [id_.partition("::")[0] for id_ in ids]
    assert files == sorted(files), "a runner that shares out in order keeps a file together"


def ended(monkeypatch: pytest.MonkeyPatch, *states: State, leaks: tuple[str, ...] = (), name: str = "t") -> str:
    """The result in unittest of a test with these states."""
    results = [
        TestRecord(f"{FILE}::t[{number}]" if len(states) > 1 else f"{FILE}::t", state, f"because {state}")
        for number, state in enumerate(states)
    ]
    monkeypatch.setattr(suite, "_ran", lambda _file: (results, list(leaks)))
    outcome = unittest.TestResult()
    suite.ConformanceTest(FILE, name).run(outcome)
    lists = {"fail": outcome.failures, "error": outcome.errors, "skip": outcome.skipped}
    return next((f"{kind} {entries[0][1]}" for kind, entries in lists.items() if entries), "success")


@pytest.mark.parametrize(
    ("states", "kind", "says"),
    [
        ((State.PASS,), "success", ""),
        ((State.FAIL,), "fail", "fail: because fail"),
        ((State.INCONCLUSIVE,), "fail", "inconclusive: because inconclusive"),
        ((State.ERROR,), "error", "because error"),
        ((State.BLOCKED,), "skip", "blocked: because blocked"),
        ((State.UNSUPPORTED,), "skip", "unsupported: because unsupported"),
        ((State.NOT_CLAIMED,), "skip", "not-claimed: because not-claimed"),
        ((State.WAIVED,), "skip", "waived: because waived"),
        ((State.PASS, State.FAIL), "fail", "because fail"),
        ((), "error", "it was not run"),
    ],
)
def test_states_are_success_skip_or_failure(
    monkeypatch: pytest.MonkeyPatch, states: tuple[State, ...], kind: str, says: str
) -> None:
    ending = ended(monkeypatch, *states)
    assert ending.startswith(kind)
    assert says in ending


def test_leftovers_are_a_failure_of_their_file(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "keeps networks" in ended(monkeypatch, State.PASS, leaks=("p keeps networks n",), name=suite.CLEAN)
    assert ended(monkeypatch, State.PASS, name=suite.CLEAN) == "success"


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {
        "OS_CLOUD": "acme", "GMAN_ADMIN_CLOUD": "boss", "GMAN_CLAIM": "core, operator", "GMAN_DISRUPTIVE": "1",
        "GMAN_REPORT": str(tmp_path),
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GMAN_OUTSIDE", "http://203.0.113.5:8043")
    settings = environment.settings()
    assert settings.outside == ("http://203.0.113.5:8043/",)
    assert (settings.cloud, settings.admin_cloud, settings.claims) == ("acme", "boss", ("core", "operator"))
    assert (settings.disruptive, settings.report) == (True, tmp_path)
    monkeypatch.setenv("GMAN_CLAIM", "basic")
    with pytest.raises(UsageProblem, match="'basic' is not one of core"):
        environment.settings()
    monkeypatch.delenv("OS_CLOUD")
    with pytest.raises(UsageProblem, match="OS_CLOUD"):
        environment.settings()
