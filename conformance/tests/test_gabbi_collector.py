"""The collector: what becomes of the tests of a gabbi file, and of its fixtures."""

import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from conformance import USER_AGENT
from conformance.tests.gabbi_runs import REFUSAL, THREE, FakeContext, Serve, reason, run, states, write
from conformance.verdict.signals import Inconclusive, Unsupported
from conformance.verdict.states import State
from conformance.verdict.waivers import Waiver


def test_tests_run_in_order_under_names_that_say_where_they_stand(tmp_path: Path, serve: Serve) -> None:
    script, context = serve(one=[(200, {"id": 1})], two=[(200, {})], three=[(200, {})])
    write(tmp_path, "network/b-file.yaml", THREE)
    write(tmp_path, "network/a-file.yaml", THREE)
    results = run(tmp_path, context)
    files = ["gabbits/network/a-file.yaml", "gabbits/network/b-file.yaml"]
    assert list(results.tests) == [f"{file}::{name}" for file in files for name in ("first", "second", "third")]
    assert set(states(results).values()) == {State.PASS}
    assert script.asked == ["one", "two", "three"] * 2
    assert context.entered == context.left == files
    assert "GMAN_TOKEN" not in os.environ


def test_a_path_goes_to_the_service_that_the_file_is_about(
    tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    script, context = serve(one=[(200, {"id": 1})], two=[(200, {})], three=[(200, {})])
    monkeypatch.setenv("GMAN_COMPUTE_URL", f"{context.url}/v2.0")
    write(tmp_path, "compute/a-file.yaml", THREE.replace("{url}", ""))
    assert set(states(run(tmp_path, context)).values()) == {State.PASS}
    assert script.asked == ["one", "two", "three"]


def test_requests_name_the_suite_and_the_requirement(tmp_path: Path, serve: Serve) -> None:
    script, context = serve(one=[(200, {"id": 1})], two=[(200, {})], three=[(200, {})])
    write(tmp_path, "network/a-file.yaml", THREE)
    run(tmp_path, context)
    assert script.agents == [f"{USER_AGENT} (N-AAT-001)", USER_AGENT, USER_AGENT]


def test_json_is_sent_and_accepted_by_default(tmp_path: Path, serve: Serve) -> None:
    script, context = serve(one=[(200, {"id": 1})], two=[(200, {})], three=[(200, {})])
    write(tmp_path, "a.yaml", THREE.replace("second\n", "second\n  request_headers: {content-type: text/plain}\n"))
    run(tmp_path, context)
    json = "application/json"
    assert script.types == [(json, json), (json, "text/plain"), (json, json)]


def test_after_a_failure_the_rest_is_blocked_and_not_sent(tmp_path: Path, serve: Serve) -> None:
    script, context = serve(one=[(200, {"id": 1})], two=[REFUSAL], three=[(200, {})])
    write(tmp_path, "a.yaml", THREE)
    results = run(tmp_path, context)
    assert states(results) == {"first": State.PASS, "second": State.FAIL, "third": State.BLOCKED}
    assert reason(results, "second") == "answered 404 (NetworkNotFound: no such network), not 200"
    assert reason(results, "third") == "blocked by 'second'"
    assert script.asked == ["one", "two"]
    assert context.left == ["gabbits/a.yaml"]


def test_a_failure_shows_the_exchange_without_the_token(tmp_path: Path, serve: Serve) -> None:
    _script, context = serve(one=[(200, {"id": 2, "adminPass": "hunter2hunter2"})], two=[(200, {})], three=[(200, {})])
    write(tmp_path, "a.yaml", THREE)
    message = run(tmp_path, context).tests["gabbits/a.yaml::first"].message
    assert message.startswith("fail: Unable to match $.id as 1, got 2\n")
    assert "curl -i -X GET -H 'accept: application/json'" in message
    assert '-H "X-Auth-Token: $OS_TOKEN"' in message
    assert "200 OK after" in message
    assert "x-openstack-request-id: req-" in message
    assert "token-of-the-file" not in message
    assert "hunter2" not in message


def test_an_expected_failure_is_no_failure_and_blocks_nothing(tmp_path: Path, serve: Serve) -> None:
    _script, context = serve(one=[(200, {"id": 2})], two=[(200, {})], three=[(200, {})])
    write(tmp_path, "a.yaml", THREE.replace("response_json_paths", "xfail: true\n  response_json_paths"))
    results = run(tmp_path, context)
    assert states(results) == {"first": State.WAIVED, "second": State.PASS, "third": State.PASS}


def test_an_expected_failure_that_passes_fails(tmp_path: Path, serve: Serve) -> None:
    _script, context = serve(one=[(200, {"id": 1})], two=[(200, {})], three=[(200, {})])
    write(tmp_path, "a.yaml", THREE.replace("response_json_paths", "xfail: true\n  response_json_paths"))
    results = run(tmp_path, context)
    assert states(results)["first"] is State.FAIL
    assert "expects it to fail" in reason(results, "first")


NEWER = """\
- name: of any Compute
  GET: {url}/one
- name: of a newer one
  GET: {url}/two
  request_headers: {openstack-api-version: compute 2.75}
- name: refused by an older one
  GET: {url}/three
  request_headers: {openstack-api-version: compute 2.75}
  status: 406
"""


@pytest.mark.parametrize("chosen", [[], ["-k", "refused"]])
def test_tests_for_a_newer_compute_do_not_run_on_an_older_one(tmp_path: Path, serve: Serve, chosen: list[str]) -> None:
    script, context = serve(one=[(200, {})], two=[(200, {})], three=[(406, {})])
    context.applicability.newest = "2.60"
    write(tmp_path, "a.yaml", NEWER, covers={"of a newer one": "N-AAT-001"})
    expected = {
        "of any Compute": State.PASS,
        "of a newer one": State.UNSUPPORTED,
        "refused by an older one": State.PASS,
    }
    results = run(tmp_path, context, *chosen)
    assert states(results) == ({"refused by an older one": State.PASS} if chosen else expected)
    assert script.asked == ["one", "three"]


@pytest.mark.parametrize(("number", "then"), [(1, [State.PASS] * 3), (2, [State.NOT_CLAIMED] * 3)])
def test_a_step_for_a_later_release_runs_and_may_fail(
    tmp_path: Path, serve: Serve, number: int, then: list[State]
) -> None:
    """A step for a later release still runs, as later steps build on it; if it fails, they may fail, too."""
    _script, context = serve(one=[(200, {"id": number})], two=[(200, {})], three=[(200, {})])
    context.applicability.newer = {"N-AAT-001"}
    write(tmp_path, "a.yaml", THREE)
    assert list(states(run(tmp_path, context)).values()) == then


def test_a_skip_names_its_reason(tmp_path: Path, serve: Serve) -> None:
    _script, context = serve(one=[(200, {"id": 1})], two=[(200, {})], three=[(200, {})])
    write(tmp_path, "a.yaml", THREE.replace("response_json_paths", "skip: not here\n  response_json_paths"))
    results = run(tmp_path, context)
    assert (states(results)["first"], reason(results, "first")) == (State.UNSUPPORTED, "not here")


def test_steps_after_a_skip_run_as_in_gabbi(tmp_path: Path, serve: Serve) -> None:
    tests = "".join(f"- name: {name}\n  GET: {{url}}/{name}\n" for name in ("one", "two", "three"))
    script, context = serve(one=[(200, {})], two=[(200, {})], three=[(200, {})])
    tests = tests.replace("  GET: {url}/two", "  skip: not here\n  GET: {url}/two")
    write(tmp_path, "a.yaml", tests, covers={"one": "N-AAT-001"})
    assert list(states(run(tmp_path, context)).values()) == [State.PASS, State.UNSUPPORTED, State.PASS]
    assert script.asked == ["one", "three"]


@pytest.mark.parametrize("status", [400, 401, 403, 409, 500])
@pytest.mark.parametrize("administrators", [True, False])
def test_a_refused_preparation_is_no_failure_of_the_cloud(
    tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch, status: int, administrators: bool
) -> None:
    monkeypatch.setenv("GMAN_ADMIN_TOKEN", "of-the-administrator")
    token = "of-the-administrator" if administrators else "of-a-member"
    prepare = f"- name: one\n  POST: {{url}}/one\n  request_headers: {{x-auth-token: {token}}}\n"
    script, context = serve(one=[(status, {})], two=[(200, {})])
    write(tmp_path, "a.yaml", prepare + "- name: two\n  GET: {url}/two\n", covers={"two": "N-AAT-001"})
    results = run(tmp_path, context)
    if administrators and status != 500:
        assert set(states(results).values()) == {State.UNSUPPORTED}
        assert reason(results, "one").startswith("the administrator cannot prepare it: POST ")
    else:
        assert list(states(results).values()) == [State.FAIL, State.BLOCKED]
    assert script.asked == ["one"]


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (Unsupported("no pool"), State.UNSUPPORTED),
        (Inconclusive("late"), State.INCONCLUSIVE),
        (OSError("boom"), State.ERROR),
    ],
)
def test_a_fixture_that_fails_ends_every_test_of_its_file_alone(
    tmp_path: Path, serve: Serve, error: Exception, state: State
) -> None:
    script, context = serve(one=[(200, {"id": 1})], two=[(200, {})], three=[(200, {})])
    write(tmp_path, "a.yaml", THREE)
    write(tmp_path, "b.yaml", THREE)
    context.failing["gabbits/a.yaml"] = error
    results = run(tmp_path, context)
    of_a = [record for id_, record in results.tests.items() if id_.startswith("gabbits/a")]
    assert [record.state for record in of_a] == [state] * 3
    assert all(str(error) in record.reason for record in of_a)
    assert set(states(results).values()) == {State.PASS}  # those of b, which came later
    assert context.left == ["gabbits/a.yaml", "gabbits/b.yaml"]
    assert script.asked == ["one", "two", "three"]


def test_steps_that_were_not_selected_are_replayed(tmp_path: Path, serve: Serve) -> None:
    script, context = serve(one=[(200, {"id": 1})], two=[(200, {})], three=[(200, {})])
    write(tmp_path, "a.yaml", THREE)
    results = run(tmp_path, context, "-kthird")
    assert states(results) == {"third": State.PASS}
    assert script.asked == ["one", "two", "three"]


def test_a_replayed_step_that_fails_blocks(tmp_path: Path, serve: Serve) -> None:
    script, context = serve(one=[REFUSAL], two=[(200, {})], three=[(200, {})])
    write(tmp_path, "a.yaml", THREE)
    results = run(tmp_path, context, "-kthird")
    assert states(results) == {"third": State.BLOCKED}
    assert "first (answered 404" in reason(results, "third")
    assert script.asked == ["one"]


def test_an_unreachable_service_proves_nothing(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", THREE)
    results = run(tmp_path, FakeContext("http://127.0.0.1:9"))
    assert states(results) == {"first": State.INCONCLUSIVE, "second": State.INCONCLUSIVE, "third": State.INCONCLUSIVE}


def test_an_unknown_variable_is_an_error_of_the_suite(tmp_path: Path, serve: Serve) -> None:
    _script, context = serve(one=[(200, {"id": 1})])
    write(tmp_path, "a.yaml", "- name: first\n  GET: $ENVIRON['GMAN_NO_SUCH']/one\n")
    assert states(run(tmp_path, context)) == {"first": State.ERROR}


def waiver(**which: Any) -> Waiver:
    return Waiver(reason="known", owner="we", link="https://example.org/1", expires=date.max, **which)


@pytest.mark.parametrize("which", [{"requirement": "N-AAT-001"}, {"test": "gabbits/a.yaml::first"}])
def test_steps_after_a_waived_failure_are_waived(tmp_path: Path, serve: Serve, which: dict[str, str]) -> None:
    script, context = serve(one=[(200, {"id": 2})], two=[(200, {})], three=[(200, {})])
    context.waivers = [waiver(**which)]
    write(tmp_path, "a.yaml", THREE, covers={"first": "N-AAT-001", "third": "N-AAT-002"})
    results = run(tmp_path, context)
    assert set(states(results).values()) == {State.WAIVED}
    assert "(waived: known)" in reason(results, "first")
    assert script.asked == ["one"]


def test_a_waiver_is_for_its_requirement_alone(tmp_path: Path, serve: Serve) -> None:
    _script, context = serve(one=[(200, {"id": 2})], two=[(200, {})], three=[(200, {})])
    context.waivers = [waiver(requirement="N-AAT-001")]
    write(tmp_path, "a.yaml", THREE, covers={"first": "N-AAT-001, N-AAT-002"})
    results = run(tmp_path, context)
    record = results.tests["gabbits/a.yaml::first"]
    assert record.observed["N-AAT-001"] is State.WAIVED
    assert record.observed["N-AAT-002"] is State.FAIL
    assert states(results)["second"] is State.BLOCKED


def test_a_violation_of_a_rule_for_every_answer_is_a_failure_of_its_own(tmp_path: Path, serve: Serve) -> None:
    script, context = serve(one=[(200, {"id": 1})], two=[(200, {})], three=[(200, {})])
    del script.headers["X-OpenStack-Request-ID"]
    write(tmp_path, "a.yaml", THREE)
    results = run(tmp_path, context)
    assert set(states(results).values()) == {State.FAIL}  # and none is blocked
    record = results.tests["gabbits/a.yaml::first"]
    assert record.observed == {"N-ERR-017": State.FAIL, "N-AAT-001": State.PASS}
    assert script.asked == ["one", "two", "three"]


def test_a_body_of_another_type_fails_what_the_test_is_about(tmp_path: Path, serve: Serve) -> None:
    script, context = serve(one=[(200, "<html>")])
    script.headers["Content-Type"] = "text/html"
    write(tmp_path, "a.yaml", "- name: first\n  GET: {url}/one\n")
    record = run(tmp_path, context).tests["gabbits/a.yaml::first"]
    assert record.observed["N-AAT-001"] is State.FAIL
    assert "text/html" in record.reason


def test_an_answer_nested_too_deeply_fails_its_test_alone(tmp_path: Path, serve: Serve) -> None:
    _script, context = serve(one=[(200, "[" * 100_000)], two=[(200, {})])
    write(tmp_path, "a.yaml", "- name: first\n  GET: {url}/one\n")
    write(tmp_path, "b.yaml", "- name: first\n  GET: {url}/two\n")
    results = run(tmp_path, context)
    assert [record.state for record in results.tests.values()] == [State.FAIL, State.PASS]
    assert "unable to load data as application/json" in results.tests["gabbits/a.yaml::first"].reason
