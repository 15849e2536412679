"""Leases: a project ends as it was found, what cannot be taken away is told, and nobody else's things are touched."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import fixtures
import pytest

from conformance import outcome
from conformance.cloud import ApiError, Endpoints
from conformance.inventory import NOTHING, Inventory, restore, take
from conformance.projects import Lease, ListedProjects, MadeProjects, Project
from conformance.settings import UsageProblem
from conformance.timeouts import Deadlines
from conformance.verdict import Inconclusive, State

PROJECT = "p1"
NAMES = ("servers", "floatingips", "routers", "ports", "subnets", "networks", "subnetpools", "security-groups")


class FakeAccount:
    """A member of a project that is a mapping: kind -> id -> (name, ids that it hangs on, or is in the way of).

    Something can be deleted when nothing names it as a holder any more.
    """

    def __init__(self, stuck: tuple[str, ...] = (), project: str = PROJECT, **holds: dict[str, str]) -> None:
        self.project_id = project
        self.name = f"member of {project}"
        self.endpoints = Endpoints("http://i", "http://g", "http://n", "http://c/v2.1")
        self.deadlines = Deadlines(settle=0.2, server_build=0.5)
        self.stuck = stuck
        self.holds: dict[str, dict[str, str]] = {name: {} for name in NAMES}
        for kind, items in holds.items():
            self.holds[kind.replace("_", "-")] = dict(items)
        self.calls: list[str] = []

    def call(self, method: str, url: str, json: Any = None, headers: Any = None) -> Any:
        path, _, query = url.partition("?")
        self.calls.append(f"{method} {path}")
        parts = path.removeprefix("http://n/v2.0/").removeprefix("http://c/v2.1/").split("/")
        if method == "GET":
            return self._list(parts[0], query)
        if method == "DELETE" and parts[0] == "auto-allocated-topology":
            return self._drop_topology()
        if method == "DELETE":
            return self._delete(*parts)
        if parts[-1] == "remove_router_interface":
            self.holds["ports"].pop(json["port_id"], None)
        return None

    def _list(self, kind: str, query: str) -> Any:
        if kind == "floatingips" and "no floating ips" in self.stuck:
            raise ApiError("GET floatingips answered 404", 404)
        items = self.holds[kind].items()
        return {kind.replace("-", "_"): [{"id": id_, "name": name} for id_, name in items if self._wanted(query, name)]}

    @staticmethod
    def _wanted(query: str, name: str) -> bool:
        return "device_id=" not in query or name == "interface"

    def _drop_topology(self) -> None:
        if "topology" in self.stuck or self.holds["servers"]:
            raise ApiError("DELETE answered 409", 409)
        for kind in ("routers", "ports", "subnets", "networks"):
            self.holds[kind] = {id_: name for id_, name in self.holds[kind].items() if not id_.startswith("auto")}

    def _delete(self, kind: str, id_: str) -> None:
        blocked = kind == "routers" and "interface" in self.holds["ports"].values()
        if id_ in self.stuck or blocked or (kind == "networks" and self.holds["ports"]):
            raise ApiError("DELETE answered 409", 409)
        if id_ not in self.holds[kind]:
            raise ApiError("DELETE answered 404", 404)
        del self.holds[kind][id_]


TOPOLOGY: dict[str, Any] = {
    "networks": {"auto-net": "auto_allocated_network"},
    "subnets": {"auto-sub": ""},
    "routers": {"auto-router": ""},
    "ports": {"auto-port": "interface"},
}


def test_an_inventory_is_what_a_user_made() -> None:
    account: Any = FakeAccount(security_groups={"g": "default", "h": "mine"}, networks={"n": "x"})
    seen = take(account)
    assert {kind: dict(items) for kind, items in seen.items.items() if items} == {
        "networks": {"n": "x"},
        "security-groups": {"h": "mine"},
    }
    assert str(seen) == "1 network, 1 security group"
    assert not seen.empty
    assert NOTHING.empty


def test_a_cloud_without_an_extension_has_none_of_it() -> None:
    account: Any = FakeAccount(stuck=("no floating ips",))
    assert take(account).empty


def test_a_service_that_fails_is_not_an_empty_project() -> None:
    account: Any = FakeAccount()
    account.call = lambda *_args, **_kwargs: (_ for _ in ()).throw(ApiError("answered 404", 404))
    with pytest.raises(ApiError):
        take(account)


def test_an_empty_project_costs_one_look() -> None:
    account: Any = FakeAccount()
    assert restore(account, NOTHING).empty
    assert len(account.calls) == len(NAMES)


@pytest.mark.parametrize("stuck", [(), ("topology",)])
def test_all_that_came_goes_in_the_order_of_what_hangs_on_what(stuck: tuple[str, ...]) -> None:
    account: Any = FakeAccount(
        stuck,
        **TOPOLOGY,
        servers={"s": "vm"},
        floatingips={"f": ""},
        subnetpools={"p": ""},
        security_groups={"g": "default", "h": "mine"},
    )
    assert restore(account, NOTHING).empty
    assert {kind: items for kind, items in account.holds.items() if items} == {"security-groups": {"g": "default"}}
    deletes = [call for call in account.calls if call.startswith("DELETE")]
    assert deletes[0].endswith("/servers/s")


def test_what_was_there_before_is_not_touched() -> None:
    account: Any = FakeAccount(networks={"old": "theirs"})
    before = take(account)
    account.holds["networks"]["new"] = "ours"
    assert restore(account, before).empty
    assert account.holds["networks"] == {"old": "theirs"}


def test_what_cannot_be_taken_away_is_named() -> None:
    account: Any = FakeAccount(stuck=("n",), networks={"n": "ours"}, subnets={"s": ""})
    left = restore(account, NOTHING)
    assert left.items == {"networks": {"n": "ours"}}


class OneProject:
    """A source of one project, that notes how it was given back."""

    room = 1.0

    def __init__(self, project: Project) -> None:
        self.project = project
        self.given_back: list[bool] = []

    def check(self) -> None: ...

    def take(self, number: int) -> list[Project]:
        return [self.project] * number

    def give_back(self, project: Project, *, clean: bool) -> None:
        self.given_back.append(clean)

    def any(self) -> Project:
        return self.project

    def close(self) -> list[str]:
        return []

    def finish(self, *, cut_short: bool) -> list[str]:
        return []


def leased(account: Any, leaks: list[str], *, ours: bool = False) -> tuple[Lease, OneProject]:
    source = OneProject(Project(account, ours=ours))
    return Lease(source, leaks.append), source


def test_a_lease_ends_with_the_project_as_it_was() -> None:
    account, leaks = FakeAccount(), list[str]()
    lease, source = leased(account, leaks)
    with lease:
        account.holds["networks"]["n"] = "made"
    assert take(account).empty  # type: ignore[arg-type]
    assert (leaks, source.given_back) == ([], [True])


def test_a_leak_is_told_and_the_project_not_used_again() -> None:
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
    state, reason = outcome.of(refused.value)
    assert state is State.UNSUPPORTED
    assert reason.startswith("project p1 is not empty, it has 1 network: empty it")
    assert account.holds["networks"] == {"n": "theirs"}
    assert not any(call.startswith(("DELETE", "PUT")) for call in account.calls)
    assert source.given_back == [True]


def test_a_project_of_our_own_is_known_to_be_empty() -> None:
    account, leaks = FakeAccount(), list[str]()
    lease, _source = leased(account, leaks, ours=True)
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
    [mine], [theirs] = one.take(1), other.take(1)
    assert {mine.id, theirs.id} == {"p1", "p2"}
    with pytest.raises(Inconclusive, match=r"no project became free within 0.05 s: use fewer processes"):
        one.take(1)
    other.give_back(theirs, clean=True)
    assert one.take(1)[0].id == theirs.id


def test_who_wants_several_holds_none_while_waiting(tmp_path: Path) -> None:
    one, other = listed(tmp_path, "p1", "p2"), listed(tmp_path, "p1", "p2")
    [theirs] = other.take(1)
    with pytest.raises(Inconclusive):
        one.take(2)
    assert other.take(1)
    other.give_back(theirs, clean=True)


def test_projects_that_were_listed_have_to_be_empty(tmp_path: Path) -> None:
    listed(tmp_path, "p1").check()
    accounts: Any = [FakeAccount(networks={"n": ""})]
    with pytest.raises(UsageProblem, match=r"member of p1: its project is not empty, it has 1 network"):
        ListedProjects(accounts, tmp_path, 1).check()


def test_after_a_run_cut_short_listed_projects_are_emptied(tmp_path: Path) -> None:
    accounts: Any = [FakeAccount(project="p1", networks={"n": ""}), FakeAccount(project="p2", networks={"m": ""})]
    source = ListedProjects(accounts, tmp_path, 1)
    other = ListedProjects(accounts[1:], tmp_path, 1)
    other.take(1)
    assert source.finish(cut_short=False) == []
    assert accounts[0].calls == []
    assert source.finish(cut_short=True) == []
    assert (accounts[0].holds["networks"], accounts[1].holds["networks"]) == ({}, {"m": ""})


class FakeScratch:
    """Makes projects p0, p1, ..."""

    def __init__(self) -> None:
        self.made = 0

    def make(self) -> Any:
        name = f"p{self.made}"
        self.made += 1
        return SimpleNamespace(member=lambda: FakeAccount(project=name), reader=None)

    def delete(self) -> list[str]:
        return ["left"]

    def sweep(self) -> list[str]:
        return ["swept"]


def test_made_projects_are_used_again_when_clean() -> None:
    scratch: Any = FakeScratch()
    source = MadeProjects(scratch)
    [first] = source.take(1)
    source.give_back(first, clean=True)
    [again] = source.take(1)
    assert again is first
    source.give_back(again, clean=False)
    assert [project.id for project in source.take(2)] == ["p1", "p2"]
    assert source.any().id == source.any().id == "p3"
    assert (source.close(), source.finish(cut_short=False)) == (["left"], ["swept"])


def test_beyond() -> None:
    before, now = Inventory({"networks": {"a": ""}}), Inventory({"networks": {"a": "", "b": ""}, "ports": {"c": ""}})
    assert now.beyond(before).items == {"networks": {"b": ""}, "ports": {"c": ""}}
    assert before.beyond(now).empty
