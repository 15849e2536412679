"""Users: those of an accounts file, and those that a run makes and takes away again."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from conformance import accounts
from conformance.accounts import MadeAccounts
from conformance.cloud import ApiError
from conformance.settings import UsageProblem

ONE = "- {username: u, password: secret-of-u, project_name: p"


def listed(folder: Path, text: str) -> list[dict[str, str]]:
    """The credentials that would be used."""
    path = folder / "accounts.yaml"
    path.write_text(text)
    cloud: Any = SimpleNamespace(other_account=lambda **credentials: credentials)
    found: Any = accounts.listed(path, cloud)
    return list(found)


@pytest.mark.parametrize(
    ("text", "domains"),
    [
        (f"{ONE}}}", {"user_domain_id": "default", "project_domain_id": "default"}),
        (f"{ONE}, domain_name: D}}", {"user_domain_name": "D", "project_domain_name": "D"}),
        (
            f"{ONE}, domain_name: D, user_domain_name: U}}",
            {"user_domain_name": "U", "project_domain_name": "D"},
        ),
        (f"{ONE}, project_domain_id: i}}", {"user_domain_id": "default", "project_domain_id": "i"}),
    ],
)
def test_accounts_as_tempest_lists_them(tmp_path: Path, text: str, domains: dict[str, str]) -> None:
    [found] = listed(tmp_path, text)
    assert found == {"username": "u", "password": "secret-of-u", "project_name": "p", **domains}


def test_the_old_name_of_a_project_counts(tmp_path: Path) -> None:
    [found] = listed(tmp_path, "- {username: u, password: secret-of-u, tenant_name: old}")
    assert found["project_name"] == "old"


def test_administrators_and_readers_are_left_out(tmp_path: Path) -> None:
    others = [f"{ONE}, roles: [admin]}}", f"{ONE}, types: [admin]}}", f"{ONE}, roles: [reader]}}"]
    assert len(listed(tmp_path, "\n".join([*others, f"{ONE}, roles: [member]}}", f"{ONE}}}"]))) == 2
    with pytest.raises(UsageProblem, match="no account of a member"):
        listed(tmp_path, "\n".join(others))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- [", "no YAML"),
        ("a: b", "not a list of accounts"),
        ("- a", "not a list of accounts"),
        ("- {username: u}", "account 1 lacks password, project_name"),
    ],
)
def test_a_wrong_file_is_one_line_without_secrets(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(UsageProblem, match=says) as refused:
        listed(tmp_path, text)
    assert "\n" not in str(refused.value)


class Administrator:
    """Answers as Identity does, and remembers what there is; `refuse` maps the start of a call to a status."""

    project_domain_id = "d"
    name = "cloud 'admin'"
    endpoints = SimpleNamespace(identity="http://i/v3", network="http://n")

    def __init__(self, **refuse: int) -> None:
        self.refuse = {name.replace("_", " "): status for name, status in refuse.items()}
        self.there: list[str] = []
        self.roles = [{"id": "role"}]
        self.calls: list[str] = []

    def call(self, method: str, url: str, json: Any = None, headers: Any = None) -> Any:
        path = url.removeprefix("http://i/v3/").removeprefix("http://n/v2.0/")
        self.calls.append(f"{method} {path}")
        for start, status in self.refuse.items():
            if self.calls[-1].startswith(start):
                raise ApiError(f"{method} {url} answered {status}", status)
        if method == "POST":
            [(kind, body)] = json.items()
            self.there.append(f"{path}/{body['name']}")
            return {kind: {"id": body["name"]}}
        if method == "DELETE" and path in self.there:
            self.there.remove(path)
        return {"roles": self.roles, "security_groups": [{"id": "group"}]}


def make(admin: Administrator) -> MadeAccounts:
    cloud: Any = SimpleNamespace(other_account=lambda **credentials: credentials)
    administrator: Any = admin
    return MadeAccounts(cloud, administrator, "run1")


def test_what_was_made_has_names_of_its_own_and_goes_again() -> None:
    admin = Administrator()
    made = make(admin)
    first, second = made.make(), made.make()
    credentials: list[Any] = [first.member(), first.reader(), second.member()]
    assert len(set(admin.there)) == len(admin.there) == 5
    assert all(name.split("/")[1].startswith("gman-run1-") for name in admin.there)
    assert len({credential["password"] for credential in credentials}) == 3
    assert credentials[0]["project_id"] == credentials[1]["project_id"] != credentials[2]["project_id"]
    assert made.delete() == []
    assert admin.there == []
    assert admin.calls.count("DELETE security-groups/group") == 2


def test_what_would_not_go_is_named() -> None:
    admin = Administrator(DELETE_projects=500)
    made = make(admin)
    made.make().member()
    [left] = made.delete()
    assert left.startswith("project gman-run1-")
    assert left.endswith("answered 500")


def test_a_project_that_could_not_be_made_costs_nobody_a_security_group() -> None:
    admin = Administrator(POST_projects=500)
    made = make(admin)
    with pytest.raises(ApiError):
        made.make()
    assert made.delete() == []
    assert not any("security-groups" in call for call in admin.calls)


def test_who_is_no_administrator_is_told() -> None:
    with pytest.raises(UsageProblem, match="cloud 'admin' is no administrator"):
        make(Administrator(GET_roles=403)).check()
    with pytest.raises(UsageProblem, match="may not make projects: name an administrator's"):
        make(Administrator(POST_projects=403)).make()
    make(Administrator()).check()


def test_a_role_that_is_not_there_is_named() -> None:
    admin = Administrator()
    admin.roles = []
    with pytest.raises(UsageProblem, match="the cloud has no role 'member': create it"):
        make(admin).make().member()
