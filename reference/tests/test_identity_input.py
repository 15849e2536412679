"""Invalid input for Identity: every such value is a 400, or unknown, and never a crash."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from reference.tests.clouds import Cloud, Server, User, start, stop
from reference.tests.databases import database

__all__ = ["database"]

IDENTITY = "/identity/v3"
ODD: tuple[Any, ...] = (None, True, 7, 1e300, [], ["x"], {}, {"a": []})
USER = {"name": "demo", "domain": {"id": "default"}, "password": "x"}
BODIES: dict[str, dict[str, Any]] = {
    "password": {"identity": {"methods": ["password"], "password": {"user": USER}}},
    "user by id": {"identity": {"methods": ["password"], "password": {"user": {"id": "x", "password": "x"}}}},
    "token": {"identity": {"methods": ["token"], "token": {"id": "x"}}},
    "credential": {
        "identity": {"methods": ["application_credential"], "application_credential": {"id": "x", "secret": "x"}}
    },
    "named credential": {
        "identity": {
            "methods": ["application_credential"],
            "application_credential": {"name": "x", "user": USER, "secret": "x"},
        }
    },
    "scope": {
        "identity": {"methods": ["password"], "password": {"user": USER}},
        "scope": {"project": {"name": "demo", "domain": {"name": "Default"}}},
    },
}


def spoiled(value: Any) -> Iterator[Any]:
    """The value with each part of it, one at a time, replaced by each of ODD."""
    yield from ODD
    if isinstance(value, dict):
        for name, part in value.items():
            yield from ({**value, name: other} for other in spoiled(part))
            yield {other: content for other, content in value.items() if other != name}
    if isinstance(value, list):
        yield from ([other] for other in ODD)


@pytest.mark.parametrize("name", BODIES)
def test_each_part_of_a_login_of_each_wrong_kind(cloud: Cloud, name: str) -> None:
    for auth in spoiled(BODIES[name]):
        answer = cloud.session.post(f"{cloud.session.base}{IDENTITY}/auth/tokens", json={"auth": auth})
        assert answer.status_code in (400, 401), auth
        assert answer.json()["error"]["code"] == answer.status_code


KINDS: dict[str, dict[str, Any]] = {
    "domain": {"name": "n", "description": "d", "enabled": False},
    "project": {"name": "n", "description": "d", "enabled": True, "domain_id": "default", "tags": ["t"]},
    "user": {"name": "n", "password": "p", "email": "e", "domain_id": "default", "default_project_id": "p"},
    "role": {"name": "n", "description": "d"},
}
NULLABLE = {"description", "password", "email", "default_project_id", "domain_id"}


@pytest.mark.parametrize("kind", KINDS)
def test_each_property_of_each_wrong_kind(cloud: Cloud, kind: str) -> None:
    path, right = f"{IDENTITY}/{kind}s", KINDS[kind]
    created = cloud.admin("POST", path, json={kind: right})
    assert created.status_code == 201, created.text
    for name, value in right.items():
        for odd in ODD:
            if type(odd) is type(value) or (odd is None and name in NULLABLE):
                continue
            for method, place in (("POST", path), ("PATCH", f"{path}/{created.json()[kind]['id']}")):
                answer = cloud.admin(method, place, json={kind: {**right, name: odd}})
                assert answer.status_code in ((400, 409) if odd == [] else (400,)), (name, odd, answer.text)
    for odd in ODD:
        assert cloud.admin("POST", path, json={kind: odd}).status_code == 400


def test_a_value_that_is_refused_is_not_repeated(cloud: Cloud) -> None:
    """It may be a secret in the wrong place."""
    answer = cloud.admin("POST", f"{IDENTITY}/users", json={"user": {"name": "n", "password": {"is": "a-secret"}}})
    assert (answer.status_code, "a-secret" in answer.text) == (400, False)


# --- on every database -------------------------------------------------------------------------------------------


@pytest.fixture
def admin(database: str, tmp_path: Path) -> Iterator[User]:
    running: Server = start(tmp_path, "--db", database, "--workers", "1", "--builders", "0")
    yield running.user("gman-admin")
    stop(running)


LONG = "ä" * 18000  # as JSON, just within what a body may be


def credential(user: User, **values: Any) -> requests.Response:
    path = f"{IDENTITY}/users/{user.user_id}/application_credentials"
    return user("POST", path, json={"application_credential": {"name": "n", **values}})


def test_names_times_and_characters_that_no_column_holds(admin: User) -> None:
    """One test, as each database takes its time to come up."""
    for kind, right in KINDS.items():
        for name in {*right, "description"} - {"enabled", "tags"}:
            for text in (LONG, "x" * 256 if name in ("name", "email") else "x" * 20000):
                answer = admin("POST", f"{IDENTITY}/{kind}s", json={kind: {**right, name: text}})
                assert answer.status_code == 400, (kind, name, answer.text)
    for values in ({"name": LONG}, {"name": "x" * 256}, {"description": LONG}, {"secret": LONG}):
        assert credential(admin, **values).status_code == 400
    for moment, status in (
        ("9999-12-31T23:59:59-23:59", 400),
        ("0001-01-01T00:00:00+23:59", 400),
        ("10000-01-01T00:00:00", 400),
        ("9999-12-31T23:59:59", 201),
        ("2039-01-01T00:00:00.000000", 201),
    ):
        answer = credential(admin, name=moment, expires_at=moment)
        assert answer.status_code == status, (moment, answer.text)
        if status == 201:
            item = answer.json()["application_credential"]
            assert item["expires_at"][:19] == moment[:19]
            proof = {"id": item["id"], "secret": item["secret"]}
            identity = {"methods": ["application_credential"], "application_credential": proof}
            login = admin("POST", f"{IDENTITY}/auth/tokens", json={"auth": {"identity": identity}})
            assert login.status_code == 201
    for path in (
        f"{IDENTITY}/users/%00",
        f"{IDENTITY}/projects/%00/users/%00/roles",
        "/image/v2/images/%00",
        "/network/v2.0/networks/%00",
        "/network/v2.0/quotas/%00",
        "/compute/v2.1/servers/%00",
        "/compute/v2.1/flavors/%00",
    ):
        for method in ("GET", "DELETE", "PATCH", "PUT"):
            assert admin(method, path, json={}).status_code in (404, 405), (method, path)
    for path in (
        f"{IDENTITY}/users?name=%00",
        f"{IDENTITY}/role_assignments?user.id=%00",
        "/image/v2/images?name=%00",
        "/image/v2/images?marker=a%00",
        "/network/v2.0/networks?name=%00",
        "/network/v2.0/ports?fixed_ips=subnet_id%3D%00",
        "/network/v2.0/networks?%00=a",
        "/compute/v2.1/servers?name=%00",
        "/compute/v2.1/servers?image=%00",
    ):
        assert admin("GET", path).status_code == 400, path
