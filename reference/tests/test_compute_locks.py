"""A locked server stays as it is: what is refused, to whom, and who may unlock it."""

from typing import Any

import pytest

from reference.tests.computing import Desk, refusal
from reference.tests.conftest import Cloud, User


@pytest.fixture
def desk(cloud: Cloud) -> Desk:
    return Desk(cloud, cloud.demo)


def act(desk: Desk, item: str, body: Any, user: User | None = None, version: str = "2.37") -> Any:
    return Desk(desk.cloud, user or desk.user)("POST", f"/servers/{item}/action", json=body, version=version)


def test_a_locked_server_is_not_changed(desk: Desk) -> None:
    item, network = desk.active("none"), desk.network()
    port = desk("POST", f"/servers/{item}/os-interface", json={"interfaceAttachment": {"net_id": network}}).json()
    path = f"/servers/{item}/os-interface/{port['interfaceAttachment']['port_id']}"
    assert act(desk, item, {"lock": None}).status_code == 202
    for method, where in (("DELETE", f"/servers/{item}"), ("POST", f"/servers/{item}/os-interface"), ("DELETE", path)):
        status, kind, message = refusal(desk(method, where, json={} if method == "POST" else None))
        assert (status, kind, message) == (409, "conflictingRequest", f"Instance {item} is locked")
    assert len(desk.ports(item)) == 1
    assert act(desk, item, {"unlock": None}).status_code == 202
    assert desk("DELETE", f"/servers/{item}").status_code == 204
    requested = [
        entry["action"] for entry in desk("GET", f"/servers/{item}/os-instance-actions").json()["instanceActions"]
    ]
    assert requested == ["delete", "unlock", "lock", "attach_interface", "create"]


def test_an_admin_is_above_locks(desk: Desk) -> None:
    item, admin = desk.booted("none"), desk.cloud.admin
    assert act(desk, item, {"lock": {}}, admin).status_code == 202
    assert refusal(act(desk, item, {"unlock": None}))[:2] == (403, "forbidden")
    assert desk.server(item)["locked"] is True
    assert Desk(desk.cloud, admin)("DELETE", f"/servers/{item}").status_code == 204


def test_what_is_shown_of_a_lock(desk: Desk) -> None:
    item, other = desk.booted("none"), desk.booted("none")
    assert act(desk, item, {"lock": {"locked_reason": "why"}}, version="2.73").status_code == 202
    shown = desk.server(item, version="2.73")
    assert (shown["locked"], shown["locked_reason"]) == (True, "why")
    for flag, server in (("true", item), ("false", other)):
        assert [entry["id"] for entry in desk.servers(f"?locked={flag}", version="2.73")] == [server]
    assert len(desk.servers("?locked=true", version="2.72")) == 2
    act(desk, item, {"unlock": None})
    shown = desk.server(item, version="2.73")
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
def test_bodies_of_actions(desk: Desk, version: str, body: Any, status: int) -> None:
    answer = act(desk, desk.booted("none"), body, version=version)
    assert answer.status_code == status
    if status == 400:
        assert refusal(answer)[1] == "badRequest"


def test_who_may_lock(desk: Desk) -> None:
    item = desk.booted("none")
    assert refusal(act(desk, item, {"lock": None}, desk.cloud.reader))[:2] == (403, "forbidden")
    assert refusal(act(desk, item, {"lock": None}, desk.cloud.alt))[:2] == (404, "itemNotFound")
    assert desk.server(item)["locked"] is False
