"""The actions on a server: which of them, and of their events, each version shows to whom, and when (C-FAULT-004,
005).
"""

from typing import Any

import pytest
import requests

from reference.compute.tables import actions as table
from reference.compute.work_queue import DELETE
from reference.tests.computing import Compute, builder, refusal

ACTION = set("action instance_uuid request_id user_id project_id start_time message".split())  # noqa: SIM905
EVENT = {"event", "start_time", "finish_time", "result"}


def done(
    compute: Compute, answer: requests.Response, item: str, user: Any = None, version: str = "2.51"
) -> dict[str, Any]:
    """The action that the answer's request asked for."""
    path = f"/servers/{item}/os-instance-actions/{answer.headers['x-openstack-request-id']}"
    shown = Compute(compute.cloud, user or compute.user)("GET", path, version=version)
    assert shown.status_code == 200, shown.text
    action: dict[str, Any] = shown.json()["instanceAction"]
    return action


def booted(compute: Compute) -> tuple[requests.Response, str]:
    answer = compute.boot("none")
    return answer, str(answer.json()["server"]["id"])


@pytest.mark.parametrize(
    ("minor", "action", "event"),
    [
        (37, set(), None),
        (51, set(), set()),
        (57, set(), set()),
        (58, {"updated_at"}, set()),
        (62, {"updated_at"}, {"hostId"}),
        (84, {"updated_at"}, {"hostId"}),
        (100, {"updated_at"}, {"hostId"}),
    ],
)
def test_what_each_version_shows(compute: Compute, minor: int, action: set[str], event: set[str] | None) -> None:
    answer, item = booted(compute)
    compute.build()
    version = f"2.{minor}"
    [listed] = compute("GET", f"/servers/{item}/os-instance-actions", version=version).json()["instanceActions"]
    assert set(listed) == ACTION | action
    shown = done(compute, answer, item, version=version)
    assert set(shown) == set(listed) | ({"events"} if event is not None else set())
    for entry in shown.get("events", []):
        assert set(entry) == EVENT | (event or set())
    [for_admins] = done(compute, answer, item, compute.cloud.admin, version)["events"]
    more = {"traceback"} | ({"host", "hostId"} if minor >= 62 else set()) | ({"details"} if minor >= 84 else set())
    assert set(for_admins) == EVENT | more


def test_an_event_from_its_beginning(compute: Compute) -> None:
    answer, item = booted(compute)
    shown = done(compute, answer, item)
    assert (shown["action"], shown["request_id"]) == ("create", answer.headers["x-openstack-request-id"])
    assert (shown["user_id"], shown["project_id"]) == (compute.user.user_id, compute.user.project_id)
    assert (shown["message"], shown["events"]) == (None, [])
    builder(compute.cloud, compute_host="c7").run_pending()
    [event] = done(compute, answer, item, compute.cloud.admin, "2.62")["events"]
    assert (event["event"], event["result"], event["host"]) == ("compute__do_build_and_run_instance", "Success", "c7")
    assert event["finish_time"]


def test_a_build_that_failed_is_no_failed_event(compute: Compute) -> None:
    network = compute.network()
    answer = compute.boot([{"uuid": network, "fixed_ip": "198.51.100.9"}])
    item = answer.json()["server"]["id"]
    compute.build()
    assert compute.server(item)["status"] == "ERROR"
    shown = done(compute, answer, item)
    assert (shown["message"], [event["result"] for event in shown["events"]]) == (None, ["Success"])


def test_a_build_without_a_host_is_a_failed_event(compute: Compute) -> None:
    huge = {"name": "huge", "ram": 2**30, "vcpus": 1, "disk": 1}
    flavor = Compute(compute.cloud, compute.cloud.admin)("POST", "/flavors", json={"flavor": huge}).json()["flavor"][
        "id"
    ]
    answer = compute.boot("none", flavorRef=flavor)
    compute.build()
    shown = done(compute, answer, answer.json()["server"]["id"])
    assert (shown["message"], [event["result"] for event in shown["events"]]) == ("Error", ["Error"])


@pytest.mark.parametrize(
    ("action", "event", "method", "path", "body"),
    [
        ("lock", "api_lock", "POST", "action", {"lock": None}),
        ("unlock", "api_unlock", "POST", "action", {"unlock": None}),
        ("attach_interface", "compute_attach_interface", "POST", "os-interface", {}),
        ("delete", "compute_terminate_instance", "DELETE", "", None),
    ],
)
def test_every_action(
    compute: Compute, monkeypatch: pytest.MonkeyPatch, action: str, event: str, method: str, path: str, body: Any
) -> None:
    compute.network()
    _, item = booted(compute)
    compute.build()
    answer = compute(method, f"/servers/{item}/{path}".rstrip("/"), json=body)
    assert answer.ok, answer.text
    if action == DELETE:  # stop once a builder has begun
        monkeypatch.setattr("reference.compute.builder._vanish", lambda *_: None)
        compute.build()
    shown = done(compute, answer, item)
    assert (shown["action"], [entry["event"] for entry in shown["events"]]) == (action, [event])


def test_pages_and_times(compute: Compute) -> None:
    answer, item = booted(compute)
    lock = Compute(compute.cloud, compute.user)("POST", f"/servers/{item}/action", json={"lock": None})
    path = f"/servers/{item}/os-instance-actions"
    in_2020 = {"started_at": "2020-01-01T00:00:00.000000", "finished_at": "2020-01-01T00:00:01.000000"}
    first = answer.headers["x-openstack-request-id"]
    compute.cloud.store.write(
        lambda tx: tx.execute(table.update().where(table.c.request_id == first).values(**in_2020))
    )

    def found(query: str, version: str) -> list[str]:
        answer = compute("GET", f"{path}{query}", version=version)
        assert answer.status_code == 200, answer.text
        return [entry["action"] for entry in answer.json()["instanceActions"]]

    assert found("", "2.58") == ["lock", "create"]
    assert found("?limit=1", "2.57") == ["lock", "create"]
    assert found("?limit=1", "2.58") == ["lock"]
    assert found(f"?marker={lock.headers['x-openstack-request-id']}", "2.58") == ["create"]
    assert "links" in compute("GET", f"{path}?limit=1", version="2.58").json()
    assert found("?changes-since=2021-01-01", "2.58") == ["lock"]
    assert found("?changes-since=2021-01-01", "2.57") == ["lock", "create"]
    assert found("?changes-before=2020-01-01T00:00:01Z", "2.66") == ["create"]
    for query, version in (
        ("?changes-before=2021-01-01", "2.65"),
        ("?changes-since=2022-01-01&changes-before=2021-01-01", "2.66"),
        ("?changes-since=x", "2.58"),
        ("?marker=req-none", "2.58"),
        ("?other=1", "2.58"),
    ):
        assert refusal(compute("GET", f"{path}{query}", version=version))[:2] == (400, "badRequest"), query


def test_unknown_actions_are_not_found(compute: Compute) -> None:
    _, item = booted(compute)
    assert refusal(compute("GET", f"/servers/{item}/os-instance-actions/req-none"))[:2] == (404, "itemNotFound")
    other = Compute(compute.cloud, compute.cloud.alt)
    assert refusal(other("GET", f"/servers/{item}/os-instance-actions"))[:2] == (404, "itemNotFound")
