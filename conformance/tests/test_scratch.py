"""Scratch projects: all that a run creates in Identity is deleted, by that run or by a later process."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from conformance.projects import scratch
from conformance.projects.inventory import NOTHING, Inventory, Removal
from conformance.projects.journal import Journal
from conformance.projects.scratch import ScratchProjects
from conformance.settings import UsageProblem
from conformance.target.cloud import ApiError


class Administrator:
    """Answers as Identity does, ids being names; `refuse` maps the start of a call to a status."""

    project_domain_id = "d"
    name = "cloud 'admin'"
    endpoints = SimpleNamespace(identity="http://i/v3", network="http://i/v2.0", compute="http://i/v3")

    def __init__(self, **refuse: int) -> None:
        self.refuse = {name.replace("_", " "): status for name, status in refuse.items()}
        self.there: list[str] = ["roles/member", "roles/reader"]
        self.calls: list[str] = []
        self.tags: dict[str, Any] = {}
        self.users: list[dict[str, Any]] = []

    def call(self, method: str, url: str, json: Any = None, headers: Any = None) -> Any:
        split = urlsplit(url)
        path = split.path.removeprefix("/v3/")
        self.calls.append(f"{method} {path}")
        for start, status in self.refuse.items():
            if self.calls[-1].startswith(start):
                raise ApiError(f"{method} {url} answered {status}", status)
        match method:
            case "POST":
                [(kind, body)] = json.items()
                self.tags |= {body["name"]: body.get("tags")}
                self.users += [body] if kind == "user" else []
                self.there.append(f"{path}/{body['name']}")
                return {kind: {"id": body["name"]}}
            case "DELETE" if path in self.there:
                self.there.remove(path)
        [name] = parse_qs(split.query).get("name", [""])
        return {
            "security_groups": [{"id": "group"}],
            path: [{"id": name, "tags": self.tags.get(name)}] if f"{path}/{name}" in self.there else [],
        }

    @property
    def made(self) -> list[str]:
        return [path for path in self.there if not path.startswith("roles/")]


STUCK = Inventory({"networks": {"n": "stuck"}})


def projects(admin: Administrator, folder: Path) -> ScratchProjects:
    cloud: Any = SimpleNamespace(other_account=lambda _name, _source, **credentials: credentials)
    administrator: Any = admin
    return ScratchProjects(cloud, administrator, "run1", Journal(folder / "runs" / "run1.ndjson"))


def test_a_project_is_tagged_with_its_run(tmp_path: Path) -> None:
    admin = Administrator()
    source = projects(admin, tmp_path)
    source.check()
    project = source.make()
    assert admin.tags[project.name] == [scratch.TAG, "gman-run1"]


def checked(admin: Administrator, folder: Path) -> ScratchProjects:
    source = projects(admin, folder)
    source.check()
    return source


@pytest.fixture
def restored(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The accounts whose projects were emptied."""
    accounts: list[Any] = []

    def remove_new(account: Any, _before: Inventory) -> Removal:
        accounts.append(account)
        return Removal(NOTHING, NOTHING)

    monkeypatch.setattr(scratch, "remove_new", remove_new)
    return accounts


def test_scratch_projects_have_unique_names_and_are_deleted(tmp_path: Path) -> None:
    admin = Administrator()
    source = checked(admin, tmp_path)
    first, second = source.make(), source.make()
    credentials: list[Any] = [first.member(), first.reader(), second.member()]
    assert len(set(admin.made)) == len(admin.made) == 5
    assert all(path.split("/")[1].startswith("gman-run1-") for path in admin.made)
    assert len({credential["password"] for credential in credentials}) == 3
    assert credentials[0]["project_id"] == credentials[1]["project_id"] != credentials[2]["project_id"]
    assert source.delete() == []
    assert admin.made == []
    assert len([call for call in admin.calls if call.endswith("security-groups/group")]) == 2
    assert source.sweep() == []
    assert list((tmp_path / "runs").iterdir()) == []


def test_users_can_sign_in_whatever_a_cloud_asks_of_passwords(tmp_path: Path) -> None:
    admin = Administrator()
    source = checked(admin, tmp_path).make()
    source.member()
    source.reader()
    for user in admin.users:
        assert all(re.search(kind, user["password"]) for kind in ("[a-z]", "[A-Z]", "[0-9]", "[!@#$]", "^.{32,54}$"))
        assert user["options"] == {"ignore_change_password_upon_first_use": True}
    assert len(admin.users) == 2


def test_projects_that_remain_are_named_and_stay_in_the_journal(tmp_path: Path, restored: list[Any]) -> None:
    admin = Administrator(DELETE_projects=500)
    source = checked(admin, tmp_path)
    source.make().member()
    [remaining] = source.delete()
    assert remaining.startswith("project gman-run1-")
    assert remaining.endswith("answered 500")
    assert len(source.sweep()) == len(restored) == 1
    assert len(list((tmp_path / "runs").iterdir())) == 1


def test_a_project_that_could_not_be_made_costs_nobody_a_security_group(tmp_path: Path) -> None:
    admin = Administrator(POST_projects=500)
    source = checked(admin, tmp_path)
    with pytest.raises(ApiError):
        source.make()
    assert source.delete() == []
    assert not any("security-groups" in call for call in admin.calls)


def test_a_user_without_rights_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="cloud 'admin' is no administrator"):
        checked(Administrator(GET_projects=403), tmp_path)
    with pytest.raises(UsageProblem, match="may not make projects: name an administrator's"):
        checked(Administrator(POST_projects=403), tmp_path).make()


def test_a_role_that_is_not_there_is_named(tmp_path: Path) -> None:
    admin = Administrator()
    admin.there.clear()
    with pytest.raises(UsageProblem, match="the cloud has no role 'member': create it"):
        checked(admin, tmp_path).make().member()


def test_a_journal_that_cannot_be_written_is_reported_before_the_run(tmp_path: Path) -> None:
    (tmp_path / "runs").touch()
    with pytest.raises(UsageProblem, match=r"cannot write to .*: set XDG_STATE_HOME"):
        checked(Administrator(), tmp_path)


def test_another_process_finishes_what_one_left(tmp_path: Path, restored: list[Any]) -> None:
    admin = Administrator()
    lost = checked(admin, tmp_path).make()
    lost.member()
    other = projects(admin, tmp_path)
    assert other.sweep() == []
    assert admin.made == []
    [member] = restored
    assert (member["user_id"], member["project_id"]) == (f"{lost.name}-sweeper", lost.name)
    assert other.sweep() == []
    assert len(restored) == 1


def test_a_project_without_a_user_is_finished_too(tmp_path: Path, restored: list[Any]) -> None:
    admin = Administrator()
    checked(admin, tmp_path).make()
    assert projects(admin, tmp_path).sweep() == []
    assert (admin.made, len(restored)) == ([], 1)


def test_contents_of_a_lost_project_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = Administrator()
    lost = checked(admin, tmp_path).make()
    lost.member()
    monkeypatch.setattr(scratch, "remove_new", lambda *_: Removal(NOTHING, STUCK))
    assert projects(admin, tmp_path).sweep() == [f"project {lost.name} keeps 1 network"]


def test_the_journal_forgets_nothing_but_what_is_gone(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.ndjson")
    assert journal.names() == []
    for what, name in (("made", "a"), ("made", "b"), ("gone", "a"), ("made", "c")):
        journal.note(what, name)
    assert Journal(tmp_path / "j.ndjson").names() == ["b", "c"]
    journal.close()
    assert journal.names() == ["b", "c"]
    for name in ("b", "c"):
        journal.note("gone", name)
    journal.close()
    assert not (tmp_path / "j.ndjson").exists()
