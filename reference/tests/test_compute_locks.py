"""A locked server stays as it is: what is refused, to whom, and who may unlock it."""

from typing import Any

import pytest

from reference.tests.clouds import User
from reference.tests.computing import Compute, refusal


def act(compute: Compute, item: str, body: Any, user: User | None = None, version: str = "2.37") -> Any:
    return Compute(compute.cloud, user or compute.user)("POST", f"/servers/{item}/action", json=body, version=version)


def test_a_locked_server_is_not_changed(compute: Compute) -> None:
    item, network = compute.active("none"), compute.network()
    port = compute("POST", f"/servers/{item}/os-interface", json={"interfaceAttachment": {"net_id": network}}).json()
    path = f"/servers/{item}/os-interface/{port['interfaceAttachment']['port_id']}"
    assert act(compute, item, {"lock": None}).status_code == 202
    for method, where in (("DELETE", f"/servers/{item}"), ("POST", f"/servers/{item}/os-interface"), ("DELETE", path)):
        status, kind, message = refusal(compute(method, where, json={} if method == "POST" else None))
        assert (status, kind, message) == (409, "conflictingRequest", f"Instance {item} is locked")
    assert len(compute.ports(item)) == 1
    assert act(compute, item, {"unlock": None}).status_code == 202
    assert compute("DELETE", f"/servers/{item}").status_code == 204
    requested = [
        entry["action"] for entry in compute("GET", f"/servers/{item}/os-instance-actions").json()["instanceActions"]
    ]
    assert requested == ["delete", "unlock", "lock", "attach_interface", "create"]


def test_an_admin_is_above_locks(compute: Compute) -> None:
    item, admin = compute.booted("none"), compute.cloud.admin
    assert act(compute, item, {"lock": {}}, admin).status_code == 202
    assert refusal(act(compute, item, {"unlock": None}))[:2] == (403, "forbidden")
    assert compute.server(item)["locked"] is True
    assert Compute(compute.cloud, admin)("DELETE", f"/servers/{item}").status_code == 204


def test_what_is_shown_of_a_lock(compute: Compute) -> None:
    item, other = compute.booted("none"), compute.booted("none")
    assert act(compute, item, {"lock": {"locked_reason": "why"}}, version="2.73").status_code == 202
    shown = compute.server(item, version="2.73")
    assert (shown["locked"], shown["locked_reason"]) == (True, "why")
    for flag, server in (("true", item), ("false", other)):
        assert [entry["id"] for entry in compute.servers(f"?locked={flag}", version="2.73")] == [server]
    assert len(compute.servers("?locked=true", version="2.72")) == 2
    act(compute, item, {"unlock": None})
    shown = compute.server(item, version="2.73")
    assert (shown["locked"], shown["locked_reason"]) == (False, None)


@pytest.mark.parametrize(
    ("version", "body", "status"),
    [
        ("2.37", {"foo": None}, 400),
        ("2.37", {}, 400),
        ("2.37", {"lock": None, "unlock": None}, 400),
        ("2.37", [], 400),
        ("2.72", {"lock": {"locked_reason": "why"}}, 202),
        ("2.72", {"lock": {"locked_reason": ["why"]}}, 202),
        ("2.1", {"lock": {"locked_reason": {}}}, 202),
        ("2.73", {"lock": {"locked_reason": ""}}, 400),
        ("2.73", {"lock": {"other": "why"}}, 400),
        ("2.73", {"lock": "why"}, 400),
    ],
)
def test_bodies_of_actions(compute: Compute, version: str, body: Any, status: int) -> None:
    answer = act(compute, compute.booted("none"), body, version=version)
    assert answer.status_code == status
    if status == 400:
        assert refusal(answer)[1] == "badRequest"


def test_who_may_lock(compute: Compute) -> None:
    item = compute.booted("none")
    assert refusal(act(compute, item, {"lock": None}, compute.cloud.reader))[:2] == (403, "forbidden")
    assert refusal(act(compute, item, {"lock": None}, compute.cloud.alt))[:2] == (404, "itemNotFound")
    assert compute.server(item)["locked"] is False
