"""Leases: a project ends as it was found, leftovers are reported, and nothing else is touched."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import fixtures
import pytest

from conformance.projects.inventory import take_inventory
from conformance.projects.leases import Kept, Lease, ListedProjects, Project
from conformance.settings import UsageProblem
from conformance.target.cloud import ApiError
from conformance.tests.fake_account import FakeAccount
from conformance.verdict import classify
from conformance.verdict.signals import Inconclusive
from conformance.verdict.states import State


def clean() -> bool:
    return True


class OneProject:
    """A source of one project, which records how it was released."""

    room = 1.0

    def __init__(self, project: Project) -> None:
        self.project = project
        self.given_back: list[bool] = []

    def check(self) -> None: ...

    def acquire(self, number: int, *, with_topology: bool = False) -> list[Project]:
        return [self.project] * number

    def release(self, project: Project, emptied: Callable[[], bool], as_built: Kept | None = None) -> None:
        self.given_back.append(emptied())

    def settle(self) -> None: ...

    def any_project(self) -> Project:
        return self.project

    def close(self) -> list[str]:
        return []

    def finish(self, *, cut_short: bool) -> list[str]:
        return []


def leased(account: Any, leaks: list[str], *, made_by_run: bool = False) -> tuple[Lease, OneProject]:
    source = OneProject(Project(account, made_by_run=made_by_run))
    return Lease(source, leaks.append), source


def test_a_lease_ends_with_the_project_as_it_was() -> None:
    account, leaks = FakeAccount(), list[str]()
    lease, source = leased(account, leaks)
    with lease:
        account.holds["networks"]["n"] = "made"
    assert take_inventory(account).empty  # type: ignore[arg-type]
    assert (leaks, source.given_back) == ([], [True])


def test_a_leak_is_reported_and_the_project_not_used_again() -> None:
    account, leaks = FakeAccount(stuck=("n",)), list[str]()
    lease, source = leased(account, leaks)
    with lease:
        account.holds["networks"]["n"] = "made"
    assert leaks == ["project p1 keeps networks n made"]
    assert source.given_back == [False]


def test_a_project_that_is_not_empty_is_refused_and_left_alone() -> None:
    account, leaks = FakeAccount(networks={"n": "theirs"}), list[str]()
    lease, source = leased(account, leaks)
    with pytest.raises(fixtures.MultipleExceptions) as refused:
        lease.setUp()
    state, reason = classify.state_of(refused.value)
    assert state is State.UNSUPPORTED
    assert reason.startswith("project p1 is not empty, it has 1 network: empty it")
    assert account.holds["networks"] == {"n": "theirs"}
    assert not any(call.startswith(("DELETE", "PUT")) for call in account.calls)
    assert source.given_back == [True]


def test_a_project_whose_quota_is_too_small_is_unsupported_and_left_alone() -> None:
    account: Any = FakeAccount()
    source = OneProject(Project(account, made_by_run=True, limits=lambda: {"network": 1, "port": 5}))
    with pytest.raises(fixtures.MultipleExceptions) as refused:
        Lease(source, pytest.fail, needed={"network": 2, "port": 5, "router": 9}).setUp()
    reason = "the project's quota of network is limited to 1 (this needs 2): raise it"
    assert classify.state_of(refused.value) == (State.UNSUPPORTED, reason)
    assert (source.given_back, account.calls) == ([True], [])


def test_a_project_of_our_own_is_known_to_be_empty() -> None:
    account, leaks = FakeAccount(), list[str]()
    lease, _source = leased(account, leaks, made_by_run=True)
    with lease:
        assert account.calls == []


def test_a_cloud_that_breaks_during_the_lease_is_a_leak() -> None:
    account, leaks = FakeAccount(), list[str]()
    lease, _source = leased(account, leaks)
    lease.setUp()
    account.call = lambda *_args, **_kwargs: (_ for _ in ()).throw(ApiError("GET answered 500", 500))  # type: ignore[method-assign]
    lease.cleanUp()
    assert leaks == ["project p1 could not be looked at afterwards: GET answered 500"]


def listed(folder: Path, *names: str, seconds: float = 0.05) -> ListedProjects:
    accounts: Any = [FakeAccount(project=name) for name in names]
    return ListedProjects(accounts, folder / "locks", seconds)


def test_processes_keep_out_of_each_others_projects(tmp_path: Path) -> None:
    one, other = listed(tmp_path, "p1", "p2"), listed(tmp_path, "p1", "p2")
    [project], [other_project] = one.acquire(1), other.acquire(1)
    assert {project.id, other_project.id} == {"p1", "p2"}
    with pytest.raises(Inconclusive, match=r"no project became free within 0.05 s: use fewer processes"):
        one.acquire(1)
    other.release(other_project, clean)
    assert one.acquire(1)[0].id == other_project.id


def test_a_wait_for_several_projects_holds_none(tmp_path: Path) -> None:
    one, other = listed(tmp_path, "p1", "p2"), listed(tmp_path, "p1", "p2")
    [theirs] = other.acquire(1)
    with pytest.raises(Inconclusive):
        one.acquire(2)
    assert other.acquire(1)
    other.release(theirs, clean)


def test_projects_that_were_listed_have_to_be_empty(tmp_path: Path) -> None:
    listed(tmp_path, "p1").check()
    accounts: Any = [FakeAccount(networks={"n": ""})]
    with pytest.raises(UsageProblem, match=r"member of p1: its project is not empty, it has 1 network"):
        ListedProjects(accounts, tmp_path, 1).check()


@pytest.mark.parametrize(
    ("projects", "roles", "says"),
    [
        (("p1", "p1"), {"member"}, "member of p1 and member of p1 are of one project: name a user of another one"),
        (("p1",), {"admin", "member"}, "is an administrator"),
        (("p1",), {"reader"}, "is only a reader of its project"),
        (("",), {"member"}, "signs in to no project"),
    ],
)
def test_accounts_that_no_test_can_use_are_refused_before_any_change(
    tmp_path: Path, projects: tuple[str, ...], roles: set[str], says: str
) -> None:
    accounts: Any = [FakeAccount(project=project) for project in projects]
    for account in accounts:
        account.roles = frozenset(roles)
    with pytest.raises(UsageProblem, match=says):
        ListedProjects(accounts, tmp_path, 1).check()
    assert not any(call.startswith("POST") for account in accounts for call in account.calls)


def test_after_a_run_cut_short_listed_projects_are_emptied(tmp_path: Path) -> None:
    accounts: Any = [FakeAccount(project="p1", networks={"n": ""}), FakeAccount(project="p2", networks={"m": ""})]
    source = ListedProjects(accounts, tmp_path, 1)
    other = ListedProjects(accounts[1:], tmp_path, 1)
    other.acquire(1)
    assert source.finish(cut_short=False) == []
    assert accounts[0].calls == []
    assert source.finish(cut_short=True) == []
    assert (accounts[0].holds["networks"], accounts[1].holds["networks"]) == ({}, {"m": ""})
