"""Users as an accounts file lists them."""

import json
import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from conformance.projects import accounts_file
from conformance.settings import UsageProblem
from conformance.target.cloud import Cloud
from conformance.tests.conftest import Gman
from conformance.tests.mistakes import changed
from conformance.tests.tiny_cloud import running, write_clouds
from conformance.tests.tiny_runs import ONE as BASIC

ONE = "- {username: u, password: secret-of-u, project_name: p"


def listed(folder: Path, text: str) -> list[dict[str, str]]:
    """The credentials that would be used."""
    path = folder / "accounts.yaml"
    path.write_text(text)
    cloud: Any = SimpleNamespace(other_account=lambda _name, _source, **credentials: credentials)
    members: Any = accounts_file.read_members(path, cloud)
    return list(members)


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
    [member] = listed(tmp_path, text)
    assert member == {"username": "u", "password": "secret-of-u", "project_name": "p", **domains}


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ({"user_id": "i", "project_id": "j"}, {"user_id": "i", "project_id": "j"}),
        ({"user_id": "i", "tenant_id": "j"}, {"user_id": "i", "project_id": "j"}),
        (
            {"username": "u", "project_id": "j", "system": "all"},
            {"username": "u", "user_domain_id": "default", "project_id": "j"},
        ),
        (
            {"user_id": "i", "project_name": "p"},
            {"user_id": "i", "project_name": "p", "project_domain_id": "default"},
        ),
    ],
)
def test_accounts_by_ids(tmp_path: Path, account: dict[str, str], expected: dict[str, str]) -> None:
    secret = {"password": "secret-of-u"}
    assert listed(tmp_path, json.dumps([{**account, **secret}])) == [{**expected, **secret}]


def test_accounts_of_a_domain_or_of_the_system_are_left_out(tmp_path: Path) -> None:
    user = {"username": "u", "password": "secret-of-u", "user_domain_name": "D"}
    elsewhere = [{**user, "system": "all"}, {**user, "domain_name": "D"}, {**user, "domain_id": "d"}]
    assert len(listed(tmp_path, json.dumps([*elsewhere, {**user, "project_name": "p"}]))) == 1
    with pytest.raises(UsageProblem, match="no account of a member"):
        listed(tmp_path, json.dumps(elsewhere))


def test_the_old_name_of_a_project_counts(tmp_path: Path) -> None:
    [member] = listed(tmp_path, "- {username: u, password: secret-of-u, tenant_name: old}")
    assert member["project_name"] == "old"


def test_administrators_and_readers_are_left_out(tmp_path: Path) -> None:
    others = [
        f"{ONE}, roles: [admin]}}",
        f"{ONE}, types: [admin]}}",
        f"{ONE}, types: admin}}",
        f"{ONE}, roles: Reader}}",
    ]
    members = [f"{ONE}, roles: [member]}}", f"{ONE}, roles: null, types: null}}", f"{ONE}}}"]
    assert len(listed(tmp_path, "\n".join([*others, *members]))) == 3
    with pytest.raises(UsageProblem, match="no account of a member"):
        listed(tmp_path, "\n".join(others))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- [", "invalid YAML"),
        ("a: b", "not a list of accounts"),
        ("- a", "not a list of accounts"),
        ("- {username: u}", "account 1 lacks password, project_name"),
        (f"{ONE}, roles: {{a: b}}}}", "account 1: roles is {'a': 'b'}, and not a list of names"),
        (f"{ONE}, types: [1]}}", r"account 1: types is \[1\], and not a list of names"),
        ("- {username: [u], password: p, project_name: p}", "account 1: username is not a text"),
        ("- &a {username: *a}", "nested deeper"),
    ],
)
def test_an_invalid_file_is_refused_in_one_line_without_secrets(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(UsageProblem, match=says) as refused:
        listed(tmp_path, text)
    assert "\n" not in str(refused.value)


def test_an_account_that_cannot_sign_in_is_named_with_its_file(gman: Gman, tmp_path: Path) -> None:
    path = tmp_path / "accounts.json"
    member = {"username": "u", "password": "wrong-horse-42", "project_name": "p"}
    path.write_text(json.dumps([{**member, "types": ["admin"]}, member]))
    with running() as tiny:
        code, printed = gman("run", "--cloud", "tiny", "--accounts", str(path), *BASIC, url=tiny.url)
    advice = f"user, password or project is wrong: check {path}, account 2"
    assert (code, printed) == (3, f"gman: cloud 'tiny': user 'u': {advice}\n")


def test_a_problem_of_the_cloud_names_clouds_yaml(tmp_path: Path) -> None:
    path = tmp_path / "accounts.yaml"
    path.write_text(f"{ONE}}}")
    with running() as tiny:
        [account] = accounts_file.read_members(path, Cloud("tiny", str(write_clouds(tmp_path / "c.yaml", tiny.url))))
    with pytest.raises(UsageProblem, match=r"user 'u': cannot be reached: check auth_url in clouds.yaml \("):
        print(account.token)


@pytest.mark.parametrize("seed", range(100))
def test_a_file_with_a_mistake_is_accepted_or_refused_in_one_line(tmp_path: Path, seed: int) -> None:
    account = {"username": "u", "password": "secret-of-u", "project_name": "p", "domain_name": "d", "roles": ["member"]}
    content = changed([account, {**account, "types": ["network_admin"]}], random.Random(seed))
    output = ""
    try:
        listed(tmp_path, json.dumps(content))
    except UsageProblem as problem:
        output = str(problem)
    assert "\n" not in output
    assert "secret-of-u" not in output
