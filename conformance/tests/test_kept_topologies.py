"""A topology stays in a project for the next test that needs one, as long as it is as it was built."""

from collections.abc import Callable
from typing import Any

import fixtures
import pytest

from conformance.projects.inventory import take_inventory
from conformance.projects.leases import Lease, Project
from conformance.projects.made import MadeProjects
from conformance.projects.side_effects import OF_TOPOLOGY, edits
from conformance.tests.fake_account import TOPOLOGY, FakeAccount
from conformance.tests.test_made_projects import FakeScratch
from conformance.verdict import classify
from conformance.verdict.states import State

KINDS = OF_TOPOLOGY | {"servers"}
SERVER = "http://c/v2.1/servers/s"
N = "http://n/v2.0"


def unchanged() -> bool:
    return True


def source_of_projects() -> MadeProjects:
    scratch: Any = FakeScratch()
    return MadeProjects(scratch)


def lease(source: MadeProjects, as_it_was: Callable[[], bool] | None, **needed: int) -> Lease:
    return Lease(source, pytest.fail, 1, lambda: KINDS, needed, as_it_was=as_it_was)


def build(project: Project, *, counting: bool = True) -> Any:
    """The account of the project, which is given a topology."""
    account: Any = project.account
    account.counts = (lambda kind: len(account.holds[kind])) if counting else None
    for kind, items in TOPOLOGY.items():
        account.holds[kind].update(items)
    return account


def kept(source: MadeProjects) -> Any:
    """The account of a project in which an earlier test has left its topology."""
    with lease(source, unchanged) as first:
        account = build(first.projects[0])
    source.settle()
    return account


def topology_is_there(account: FakeAccount) -> bool:
    return bool(account.holds["networks"] == TOPOLOGY["networks"])


def test_the_next_test_that_needs_a_topology_has_it() -> None:
    source = source_of_projects()
    account = kept(source)
    assert topology_is_there(account)
    with lease(source, None) as empty, lease(source, unchanged) as another:
        assert take_inventory(empty.projects[0].account).empty
        assert another.projects[0].account is account
    source.settle()
    assert topology_is_there(account)
    assert not [call for call in account.calls if call.startswith("DELETE")]


@pytest.mark.parametrize("kind", ["networks", "subnets", "routers", "ports", "floatingips", "subnetpools"])
def test_a_topology_with_other_objects_is_deleted(kind: str) -> None:
    source = source_of_projects()
    account = kept(source)
    leaks: list[str] = []
    kinds = {*KINDS, "floatingips", "subnetpools"}
    with Lease(source, leaks.append, 1, lambda: kinds, as_it_was=unchanged):
        account.holds[kind]["auto-more" if kind == "subnets" else "more"] = ""
    source.settle()
    assert take_inventory(account).empty
    assert leaks == []


def test_a_changed_topology_is_deleted() -> None:
    source = source_of_projects()
    account = kept(source)
    with lease(source, lambda: False):
        pass
    source.settle()
    assert take_inventory(account).empty


def test_a_replaced_topology_is_deleted() -> None:
    source = source_of_projects()
    account = kept(source)
    with lease(source, unchanged):
        account.holds["ports"] = {"auto-another": "interface"}
    source.settle()
    assert take_inventory(account).empty


def test_ports_of_agents_come_and_go() -> None:
    source = source_of_projects()
    account = kept(source)
    with lease(source, unchanged):
        account.holds["ports"]["auto-dhcp"] = ""
        account.agents = ("auto-dhcp",)
    source.settle()
    assert topology_is_there(account)


def test_servers_go_and_leave_it_there() -> None:
    source = source_of_projects()
    account = kept(source)
    with lease(source, unchanged):
        account.holds["servers"]["s"] = ""
    source.settle()
    assert (account.holds["servers"], topology_is_there(account)) == ({}, True)


def test_without_counts_a_topology_is_deleted() -> None:
    source = source_of_projects()
    with lease(source, unchanged) as first:
        account = build(first.projects[0], counting=False)
    source.settle()
    assert take_inventory(account).empty


def test_a_test_that_does_not_fit_the_project_leaves_it_there() -> None:
    source = source_of_projects()
    with lease(source, unchanged) as first:
        account = build(first.projects[0])
        object.__setattr__(first.projects[0], "limits", lambda: {"port": 1})
    with pytest.raises(fixtures.MultipleExceptions) as refused:
        lease(source, unchanged, port=2).setUp()
    assert classify.state_of(refused.value)[0] is State.UNSUPPORTED
    source.settle()
    assert topology_is_there(account)
    with lease(source, None) as empty:
        assert empty.projects[0].account is not account


def test_all_are_emptied_at_the_end() -> None:
    source = source_of_projects()
    account = kept(source)
    source.close()
    assert take_inventory(account).empty


@pytest.mark.parametrize(
    ("method", "url", "changes"),
    [
        ("GET", f"{N}/networks/n", False),
        ("POST", f"{N}/ports.json", False),
        ("POST", f"{N}/networks/n/tags", True),
        ("PUT", f"{N}/networks/n", True),
        ("PUT", f"{N}/routers/r/remove_router_interface", True),
        ("DELETE", f"{N}/ports/p?force", False),
        ("DELETE", f"{N}/networks/n/tags", True),
        ("POST", SERVER.removesuffix("/s"), False),
        ("DELETE", SERVER, False),
        ("PATCH", f"{N}/networks/n", True),
    ],
)
def test_requests_that_may_change_an_object(method: str, url: str, changes: bool) -> None:
    assert edits(method, url) is changes
