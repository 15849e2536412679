"""Identity: who gets in, what an admin can set up, and what neither a log nor an answer may hold."""

from __future__ import annotations

import logging

import pytest
import sqlalchemy as sa

from reference.identity import passwords
from reference.tests.conftest import Cloud, log_in

IDENTITY = "/identity/v3"


def password_body(**auth: object) -> dict[str, object]:
    return {"auth": auth}


def test_discovery_needs_no_token(cloud: Cloud) -> None:
    root = cloud.session.get(f"{cloud.session.base}/identity")
    assert root.status_code == 300
    [version] = root.json()["versions"]["values"]
    assert version["status"] == "stable"
    assert cloud.session.get(f"{cloud.session.base}/identity/v3").json()["version"]["id"] == version["id"]


def test_token_answers_what_clients_need(cloud: Cloud) -> None:
    shown = cloud.demo("GET", f"{IDENTITY}/auth/tokens", headers={"X-Subject-Token": cloud.demo.token}).json()["token"]
    assert {role["name"] for role in shown["roles"]} == {"member", "reader"}
    urls = {s["type"]: {e["interface"]: e["url"] for e in s["endpoints"]} for s in shown["catalog"]}
    assert set(urls) == {"identity", "image", "network", "compute"}
    assert all(set(by_interface) == {"public", "internal", "admin"} for by_interface in urls.values())
    assert urls["compute"]["public"].endswith("/compute/v2.1")
    assert urls["network"]["public"].endswith("/network")


@pytest.mark.parametrize(
    ("auth", "status"),
    [
        ({}, 400),
        ({"identity": {"methods": ["password"]}}, 400),
        ({"identity": {"methods": ["token"], "token": {"id": "x"}}}, 401),
        ({"identity": {"methods": ["password"], "password": {"user": {"name": "demo", "password": "x"}}}}, 401),
        ({"identity": {"methods": ["password"], "password": {"user": {"id": "nobody", "password": "x"}}}}, 401),
        ({"identity": {"methods": ["password"], "password": {"user": 7}}}, 400),
    ],
)
def test_refused_logins(cloud: Cloud, auth: dict[str, object], status: int) -> None:
    answer = cloud.session.post(f"{cloud.session.base}{IDENTITY}/auth/tokens", json=password_body(**auth))
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == status


@pytest.mark.parametrize(
    "path", ["/network/v2.0/networks", "/image/v2/images", "/compute/v2.1/servers", "/identity/v3/users"]
)
def test_no_token_no_service(cloud: Cloud, path: str) -> None:
    for headers in ({}, {"X-Auth-Token": "nonsense"}):
        answer = cloud.session.get(cloud.session.base + path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Keystone uri=")
        assert answer.json()["error"]["title"] == "Unauthorized"


def test_dynamic_credentials(cloud: Cloud) -> None:
    admin = cloud.admin
    assert admin("GET", f"{IDENTITY}/domains?name=Default").json()["domains"][0]["id"] == "default"
    project = admin("POST", f"{IDENTITY}/projects", json={"project": {"name": "new", "domain_id": "default"}})
    user = admin("POST", f"{IDENTITY}/users", json={"user": {"name": "n", "password": "pw", "domain_id": "default"}})
    assert (project.status_code, user.status_code) == (201, 201)
    project_id, user_id = project.json()["project"]["id"], user.json()["user"]["id"]
    assert "password" not in user.json()["user"]
    roles = {role["name"]: role["id"] for role in admin("GET", f"{IDENTITY}/roles").json()["roles"]}
    grant = f"{IDENTITY}/projects/{project_id}/users/{user_id}/roles/{roles['member']}"
    assert [admin("PUT", grant).status_code for _ in range(2)] == [204, 204]
    assert admin("HEAD", grant).status_code == 204
    fresh = log_in(cloud.session, "n", "pw", "new")
    assert fresh.network("GET", "/auto-allocated-topology/None").status_code == 200
    assert admin("DELETE", f"{IDENTITY}/users/{user_id}").status_code == 204
    assert fresh.network("GET", "/networks").status_code == 401
    assert admin("DELETE", f"{IDENTITY}/projects/{project_id}").status_code == 204
    assert admin("GET", f"{IDENTITY}/projects/{project_id}").status_code == 404


def test_a_name_is_taken_once(cloud: Cloud) -> None:
    answer = cloud.admin("POST", f"{IDENTITY}/projects", json={"project": {"name": "demo", "domain_id": "default"}})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, 409)


def test_only_admins_administer(cloud: Cloud) -> None:
    assert cloud.demo("GET", f"{IDENTITY}/users").status_code == 403
    assert cloud.demo("POST", f"{IDENTITY}/projects", json={"project": {"name": "x"}}).status_code == 403
    assert cloud.demo("GET", f"{IDENTITY}/projects/{cloud.demo.project_id}").status_code == 200


def test_a_revoked_token_is_dead(cloud: Cloud) -> None:
    headers = {"X-Subject-Token": cloud.alt.token}
    assert cloud.demo("DELETE", f"{IDENTITY}/auth/tokens", headers=headers).status_code == 404
    assert cloud.alt("DELETE", f"{IDENTITY}/auth/tokens", headers=headers).status_code == 204
    assert cloud.alt.network("GET", "/networks").status_code == 401


def test_secrets_stay_out_of_logs_and_tables(cloud: Cloud, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        assert cloud.demo.network("GET", "/networks").status_code == 200
    assert caplog.text
    assert cloud.demo.token not in caplog.text
    with cloud.store.read() as tx:
        stored = str(tx.execute(sa.text("SELECT * FROM id_tokens")).all())
    assert cloud.demo.token not in stored


def test_passwords() -> None:
    stored = passwords.digest("right")
    assert passwords.matches("right", stored)
    assert not passwords.matches("wrong", stored)
    assert not passwords.matches("", None)
    assert stored != passwords.digest("right")
