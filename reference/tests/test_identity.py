"""Identity: who can sign in, what an admin can set up, and which secrets stay out of logs and answers."""

import logging
from dataclasses import replace

import pytest
import requests
import sqlalchemy as sa

from reference.identity import passwords
from reference.tests.clouds import Cloud, log_in

IDENTITY = "/identity/v3"


def password_body(**auth: object) -> dict[str, object]:
    return {"auth": auth}


def test_discovery_needs_no_token(cloud: Cloud) -> None:
    root = cloud.session.get(f"{cloud.session.base}/identity")
    assert root.status_code == 300
    [version] = root.json()["versions"]["values"]
    assert version["status"] == "stable"
    assert cloud.session.get(f"{cloud.session.base}/identity/v3").json()["version"]["id"] == version["id"]


@pytest.mark.parametrize("path", ["/identity/v2.0", "/identity/v2.0/", "/identity/v4", "/identity/nothing"])
def test_paths_outside_v3_are_not_found(cloud: Cloud, path: str) -> None:
    answer = cloud.session.get(cloud.session.base + path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, 404)


def test_paths_with_a_slash_at_their_end(cloud: Cloud) -> None:
    for path in ("/projects", f"/projects/{cloud.demo.project_id}", "/auth/tokens"):
        expected = cloud.admin("GET", f"/identity/v3{path}", headers={"X-Subject-Token": cloud.demo.token})
        for slashes in ("/", "//"):
            url = f"/identity/v3{path}{slashes}"
            answer = cloud.admin("GET", url, headers={"X-Subject-Token": cloud.demo.token})
            assert (answer.status_code, answer.json()) == (200, expected.json()), url
    assert cloud.session.get(f"{cloud.session.base}/identity/v3/").status_code == 200
    assert cloud.session.get(f"{cloud.session.base}/identity/v3/users/").status_code == 401


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
def test_a_token_is_required(cloud: Cloud, path: str) -> None:
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


def test_a_revoked_token_is_invalid(cloud: Cloud) -> None:
    headers = {"X-Subject-Token": cloud.alt.token}
    assert cloud.demo("DELETE", f"{IDENTITY}/auth/tokens", headers=headers).status_code == 404
    assert cloud.alt("DELETE", f"{IDENTITY}/auth/tokens", headers=headers).status_code == 204
    assert cloud.alt.network("GET", "/networks").status_code == 401


def test_a_token_proves_its_holder(cloud: Cloud) -> None:
    identity = {"methods": ["token"], "token": {"id": cloud.demo.token}}
    for scope, status in (({"id": cloud.demo.project_id}, 201), ({"id": cloud.alt.project_id}, 401)):
        body = password_body(identity=identity, scope={"project": scope})
        answer = cloud.session.post(f"{cloud.session.base}{IDENTITY}/auth/tokens", json=body)
        assert answer.status_code == status
    before = cloud.demo("GET", f"{IDENTITY}/auth/tokens", headers={"X-Subject-Token": cloud.demo.token}).json()
    again = cloud.session.post(f"{cloud.session.base}{IDENTITY}/auth/tokens", json=password_body(identity=identity))
    assert again.json()["token"]["expires_at"] <= before["token"]["expires_at"]
    assert again.json()["token"]["methods"] == ["token"]


def test_tokens_end_with_the_password(cloud: Cloud) -> None:
    assert cloud.alt.network("GET", "/networks").status_code == 200
    changed = {"user": {"password": "another"}}
    assert cloud.admin("PATCH", f"{IDENTITY}/users/{cloud.alt.user_id}", json=changed).status_code == 200
    assert cloud.alt.network("GET", "/networks").status_code == 401
    assert log_in(cloud.session, "alt", "another", "alt").network("GET", "/networks").status_code == 200
    off = {"project": {"enabled": False}}
    assert cloud.admin("PATCH", f"{IDENTITY}/projects/{cloud.demo.project_id}", json=off).status_code == 200
    assert cloud.demo.network("GET", "/networks").status_code == 401


def test_a_token_expires(cloud: Cloud) -> None:
    with cloud.store.engine.begin() as connection:
        connection.execute(sa.text("UPDATE id_tokens SET expires_at = 1"))
    assert cloud.demo.network("GET", "/networks").status_code == 401


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


def stranger(cloud: Cloud, domain: str = "default") -> tuple[str, str, str]:
    """The ids of a new user and a new project in which it has a role, and a token of that user."""
    admin = cloud.admin
    name = {"name": "stranger", "domain_id": domain}
    project = admin("POST", "/identity/v3/projects", json={"project": name}).json()["project"]["id"]
    user = admin("POST", "/identity/v3/users", json={"user": {**name, "password": "pw"}}).json()["user"]["id"]
    [role] = [item for item in admin("GET", "/identity/v3/roles").json()["roles"] if item["name"] == "reader"]
    grant = f"/identity/v3/projects/{project}/users/{user}/roles/{role['id']}"
    assert admin("PUT", grant).status_code == 204
    return user, project, role["id"]


def login(cloud: Cloud, user: str, project: str) -> requests.Response:
    identity = {"methods": ["password"], "password": {"user": {"id": user, "password": "pw"}}}
    body = {"auth": {"identity": identity, "scope": {"project": {"id": project}}}}
    return cloud.session.post(f"{cloud.session.base}/identity/v3/auth/tokens", json=body)


@pytest.mark.parametrize("end", ["role", "user", "project", "domain", "user deleted", "project deleted"])
def test_changes_that_end_a_token(cloud: Cloud, end: str) -> None:
    """A role taken away, a user, a project or a domain disabled or gone: the token is dead, and there is no new one."""
    body = {"domain": {"name": "elsewhere"}}
    domain = cloud.admin("POST", "/identity/v3/domains", json=body).json()["domain"]["id"]
    user, project, role = stranger(cloud, domain)
    token = login(cloud, user, project).headers["X-Subject-Token"]
    holder = replace(cloud.demo, token=token)
    assert holder("GET", "/network/v2.0/networks").status_code == 200
    path = {
        "role": f"projects/{project}/users/{user}/roles/{role}",
        "user": f"users/{user}",
        "project": f"projects/{project}",
        "domain": f"domains/{domain}",
    }[end.split()[0]]
    if end == "role" or "deleted" in end:
        assert cloud.admin("DELETE", f"/identity/v3/{path}").status_code == 204
    else:
        disabled = {end: {"enabled": False}}
        assert cloud.admin("PATCH", f"/identity/v3/{path}", json=disabled).status_code == 200
    assert holder("GET", "/network/v2.0/networks").status_code == 401
    shown = cloud.admin("GET", "/identity/v3/auth/tokens", headers={"X-Subject-Token": token})
    assert shown.status_code == 404
    assert login(cloud, user, project).status_code == 401


def test_a_role_that_is_deleted_gives_nothing(cloud: Cloud) -> None:
    user, project, _ = stranger(cloud)
    role = cloud.admin("POST", "/identity/v3/roles", json={"role": {"name": "passing"}}).json()["role"]["id"]
    [reader] = cloud.admin("GET", f"/identity/v3/projects/{project}/users/{user}/roles").json()["roles"]
    grants = f"/identity/v3/projects/{project}/users/{user}/roles"
    assert cloud.admin("PUT", f"{grants}/{role}").status_code == 204
    assert cloud.admin("DELETE", f"{grants}/{reader['id']}").status_code == 204
    token = login(cloud, user, project).headers["X-Subject-Token"]
    assert cloud.admin("DELETE", f"/identity/v3/roles/{role}").status_code == 204
    assert replace(cloud.demo, token=token)("GET", "/compute/v2.1/servers").status_code == 401
    assert cloud.admin("GET", "/identity/v3/auth/tokens", headers={"X-Subject-Token": token}).status_code == 404


def test_the_life_of_a_domain(cloud: Cloud) -> None:
    admin = cloud.admin
    domain = admin("POST", "/identity/v3/domains", json={"domain": {"name": "d"}}).json()["domain"]["id"]
    user, project, _ = stranger(cloud, domain)
    assert [item["id"] for item in admin("GET", "/identity/v3/domains?name=d").json()["domains"]] == [domain]
    assert admin("DELETE", f"/identity/v3/domains/{domain}").status_code == 403
    assert admin("PATCH", f"/identity/v3/domains/{domain}", json={"domain": {"enabled": False}}).status_code == 200
    assert admin("DELETE", f"/identity/v3/domains/{domain}").status_code == 204
    for path in (f"domains/{domain}", f"users/{user}", f"projects/{project}"):
        assert admin("GET", f"/identity/v3/{path}").status_code == 404


def test_implied_roles(cloud: Cloud) -> None:
    inferences = cloud.admin("GET", "/identity/v3/role_inferences").json()["role_inferences"]
    implied = {item["prior_role"]["name"]: {role["name"] for role in item["implies"]} for item in inferences}
    assert implied == {"admin": {"member", "reader"}, "member": {"reader"}}
    assert cloud.demo("GET", "/identity/v3/role_inferences").status_code == 403


def test_projects_of_a_user(cloud: Cloud) -> None:
    path = f"/identity/v3/users/{cloud.demo.user_id}/projects"
    assert [item["name"] for item in cloud.demo("GET", path).json()["projects"]] == ["demo"]
    assert [item["name"] for item in cloud.admin("GET", path).json()["projects"]] == ["demo"]
    assert cloud.alt("GET", path).status_code == 403


def test_projects_are_found_by_their_tags(cloud: Cloud) -> None:
    projects = f"{IDENTITY}/projects"
    for name, tags in (("one", ["red", "blue"]), ("other", ["red"])):
        body = {"project": {"name": name, "tags": tags}}
        answer = cloud.admin("POST", projects, json=body).json()["project"]
        assert answer["tags"] == tags

    def found(tags: str) -> list[str]:
        return [item["name"] for item in cloud.admin("GET", f"{projects}?tags={tags}").json()["projects"]]

    assert (found("red"), found("red,blue"), found("green")) == (["one", "other"], ["one"], [])


@pytest.mark.parametrize(
    "tags", ["red", [7], [""], ["a/b"], ["a,b"], ["x" * 256], ["a", "a"], [str(n) for n in range(81)]]
)
def test_refused_tags(cloud: Cloud, tags: object) -> None:
    answer = cloud.admin("POST", f"{IDENTITY}/projects", json={"project": {"name": "tagged", "tags": tags}})
    assert answer.status_code == 400
