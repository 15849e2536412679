"""Waits of gabbi tests: for an answer, and for a state that a poll looks for."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from conformance.deadlines import Deadlines
from conformance.gabbi import runner
from conformance.tests.gabbi_runs import REFUSAL, THREE, Serve, reason, run, states, write
from conformance.verdict.states import State
from conformance.waits import Waits

POLL = """\
- name: first
  GET: {url}/server
  poll: {count: 300, delay: 1}
  response_poll_until: {$.server.status: [ACTIVE, ERROR]}
  response_json_paths: {$.server.status: ACTIVE}
"""
BUILD, ACTIVE, ERROR = ((200, {"server": {"status": status}}) for status in ("BUILD", "ACTIVE", "ERROR"))


@pytest.mark.parametrize(
    ("answers", "state", "requests"),
    [
        ([ACTIVE], State.PASS, 1),
        ([BUILD, BUILD, ACTIVE], State.PASS, 3),
        ([BUILD, ERROR, ACTIVE], State.FAIL, 2),
        ([BUILD, REFUSAL, ACTIVE], State.FAIL, 2),
    ],
)
def test_a_poll_ends_with_the_state_it_waits_for(
    tmp_path: Path, serve: Serve, answers: list[Any], state: State, requests: int
) -> None:
    script, context = serve(server=answers)
    write(tmp_path, "a.yaml", POLL)
    assert states(run(tmp_path, context)) == {"first": state}
    assert len(script.asked) == requests


def test_a_poll_that_misses_its_deadline_proves_nothing(tmp_path: Path, serve: Serve) -> None:
    script, context = serve(server=[BUILD])
    write(tmp_path, "a.yaml", POLL)
    results = run(tmp_path, context)
    assert states(results) == {"first": State.INCONCLUSIVE}
    assert "not within 0.5 s" in reason(results, "first")
    assert len(script.asked) > 2


def test_a_missed_catch_up_is_a_failure(tmp_path: Path, serve: Serve) -> None:
    _, context = serve(server=[BUILD])
    context.deadlines = Deadlines(catch_up=0.1)
    write(tmp_path, "a.yaml", POLL.replace("count: 300", "count: 60"))
    results = run(tmp_path, context)
    assert states(results) == {"first": State.FAIL}
    assert "not within 0.1 s" in reason(results, "first")


def test_a_server_in_error_ends_every_poll(tmp_path: Path, serve: Serve) -> None:
    script, context = serve(server=[BUILD, ERROR])
    write(tmp_path, "a.yaml", POLL.replace("  response_poll_until: {$.server.status: [ACTIVE, ERROR]}\n", ""))
    assert states(run(tmp_path, context)) == {"first": State.FAIL}
    assert len(script.asked) == 2


def test_the_deadline_of_requests_bounds_the_wait_for_an_answer(
    tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, context = serve(one=[(200, {"id": 1})], two=[(200, {})], three=[(200, {})])
    context.deadlines = Deadlines(request=123)
    waited: list[float] = []
    request = context.client.request

    def patient(*sent: Any, **more: Any) -> Any:
        waited.append(more.get("timeout", sent[-1]))
        return request(*sent, **more)

    monkeypatch.setattr(context.client, "request", patient)
    write(tmp_path, "network/a-file.yaml", THREE)
    assert set(states(run(tmp_path, context)).values()) == {State.PASS}
    assert waited == [123] * 3


def test_a_callers_own_deadline_bounds_the_wait_for_an_answer() -> None:
    case = SimpleNamespace(
        test_data={"skip": "", "xfail": False, "poll": {}},
        replace_template=lambda text: text,
        _run_test=lambda: None,
    )
    runner.run(case, Waits(Deadlines(request=7)))
    assert case.test_data["timeout"] == 7
