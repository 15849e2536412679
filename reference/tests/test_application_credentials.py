"""Application credentials: the rights they give, which are refused or restricted, and what ends with one."""

from dataclasses import replace
from typing import Any

import pytest
import requests

from reference.tests.clouds import Cloud, User
from reference.tests.test_identity import IDENTITY, password_body


def credential_login(cloud: Cloud, **named: object) -> requests.Response:
    identity = {"methods": ["application_credential"], "application_credential": named}
    return cloud.session.post(f"{cloud.session.base}{IDENTITY}/auth/tokens", json=password_body(identity=identity))


def test_application_credential(cloud: Cloud) -> None:
    path = f"{IDENTITY}/users/{cloud.demo.user_id}/application_credentials"
    expected = {"application_credential": {"name": "ci", "roles": [{"name": "reader"}]}}
    created = cloud.demo("POST", path, json=expected)
    assert created.status_code == 201, created.text
    credential = created.json()["application_credential"]
    assert [role["name"] for role in credential["roles"]] == ["reader"]
    assert cloud.demo("POST", path, json=expected).status_code == 409
    assert cloud.alt("GET", path).status_code == 403
    [listed] = cloud.demo("GET", path).json()["application_credentials"]
    assert "secret" not in listed
    answer = credential_login(cloud, id=credential["id"], secret=credential["secret"])
    assert answer.status_code == 201, answer.text
    reader = replace(cloud.demo, token=answer.headers["X-Subject-Token"])
    assert reader.network("GET", "/networks").status_code == 200
    assert reader.network("POST", "/networks", json={"network": {}}).status_code == 403
    assert credential_login(cloud, id=credential["id"], secret="wrong").status_code == 401
    by_name = {"name": "ci", "user": {"id": cloud.demo.user_id}, "secret": credential["secret"]}
    assert credential_login(cloud, **by_name).status_code == 201
    assert cloud.demo("DELETE", f"{path}/{credential['id']}").status_code == 204
    assert credential_login(cloud, id=credential["id"], secret=credential["secret"]).status_code == 401
    assert cloud.demo("GET", f"{path}/{credential['id']}").status_code == 404


@pytest.mark.parametrize(
    ("expected", "status"),
    [
        ({}, 400),
        ({"name": "x", "roles": [{"name": "admin"}]}, 400),
        ({"name": "x", "roles": "member"}, 400),
        ({"name": "x", "expires_at": "soon"}, 400),
        ({"name": "x", "expires_at": "2001-01-01T00:00:00"}, 400),
        ({"name": "x", "secret": 7}, 400),
    ],
)
def test_refused_application_credentials(cloud: Cloud, expected: dict[str, object], status: int) -> None:
    path = f"{IDENTITY}/users/{cloud.demo.user_id}/application_credentials"
    assert cloud.demo("POST", path, json={"application_credential": expected}).status_code == status


def create(user: User, name: str, **values: Any) -> Any:
    return user("POST", path(user), json={"application_credential": {"name": name, **values}})


def path(user: User, item: str = "") -> str:
    return f"{IDENTITY}/users/{user.user_id}/application_credentials{item and '/'}{item}"


def holder(cloud: Cloud, name: str, **values: Any) -> tuple[str, User]:
    """The id of a new application credential, and who has signed in with it."""
    credential = create(cloud.demo, name, **values).json()["application_credential"]
    token = credential_login(cloud, id=credential["id"], secret=credential["secret"]).headers["X-Subject-Token"]
    return credential["id"], replace(cloud.demo, token=token)


def token_of(cloud: Cloud, token: str) -> str:
    """A new token, for which the given one authenticates."""
    body = {"auth": {"identity": {"methods": ["token"], "token": {"id": token}}}}
    answer = cloud.session.post(f"{cloud.session.base}{IDENTITY}/auth/tokens", json=body)
    return str(answer.headers["X-Subject-Token"])


@pytest.mark.parametrize("by_token", [False, True])
@pytest.mark.parametrize(("values", "created", "deleted"), [({}, 403, 403), ({"unrestricted": True}, 201, 204)])
def test_rights_of_credentials_to_manage_others(
    cloud: Cloud, values: dict[str, bool], created: int, deleted: int, by_token: bool
) -> None:
    item, program = holder(cloud, "first", **values)
    if by_token:
        program = replace(program, token=token_of(cloud, program.token))
    assert program("GET", path(program)).status_code == 200
    assert program("GET", path(program, item)).json()["application_credential"]["unrestricted"] is bool(values)
    assert create(program, "second").status_code == created
    assert program("DELETE", path(program, item)).status_code == deleted


def test_tokens_end_with_their_credential(cloud: Cloud) -> None:
    item, program = holder(cloud, "first")
    _other_item, other = holder(cloud, "second")
    by_token = replace(program, token=token_of(cloud, program.token))
    assert cloud.demo("DELETE", path(cloud.demo, item)).status_code == 204
    for user, status in ((program, 401), (by_token, 401), (other, 200), (cloud.demo, 200)):
        assert user.network("GET", "/networks").status_code == status
    shown = cloud.admin("GET", f"{IDENTITY}/auth/tokens", headers={"X-Subject-Token": program.token})
    assert shown.status_code == 404


def test_access_rules_are_refused(cloud: Cloud) -> None:
    rule = {"path": "/v2.1/servers", "method": "GET", "service": "compute"}
    assert create(cloud.demo, "first", access_rules=[rule]).status_code == 400
    assert create(cloud.demo, "first", access_rules=[]).status_code == 201


@pytest.mark.parametrize("roles", [{}, {"roles": []}], ids=["no list", "an empty one"])
def test_all_roles(cloud: Cloud, roles: dict[str, list[Any]]) -> None:
    """An empty list of roles is no restriction, which is what `openstack application credential create` sends."""
    credential = create(cloud.demo, "first", **roles).json()["application_credential"]
    assert {role["name"] for role in credential["roles"]} == {"member", "reader"}
    assert create(cloud.demo, "second", roles=None).status_code == 400


@pytest.mark.parametrize(("role", "status"), [("member", 201), ("admin", 400), ("\u00e4", 404)])
def test_an_unknown_role_and_a_foreign_role_have_different_errors(cloud: Cloud, role: str, status: int) -> None:
    assert create(cloud.demo, "first", roles=[{"name": role}]).status_code == status
