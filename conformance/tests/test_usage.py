"""One look at a project by what its quotas count, and the removal of what calls are known to have made in it."""

from typing import Any

import pytest

from conformance.projects.inventory import (
    FLOATING_IPS,
    GROUPS,
    NETWORKS,
    NOTHING,
    PORTS,
    SERVERS,
    USUAL,
    Inventory,
    remove_new,
    take_inventory,
)
from conformance.projects.inventory import TOPOLOGY as TOPOLOGIES
from conformance.projects.leases import Lease
from conformance.projects.made import MadeProjects
from conformance.projects.usage import Usage
from conformance.tests.fake_account import PROJECT, TOPOLOGY, FakeAccount
from conformance.tests.test_made_projects import FakeScratch

DETAILS = "GET http://n/v2.0/quotas/p1/details"


def counting(**holds: dict[str, str]) -> Any:
    """An account of a cloud that counts what its project has."""
    account = FakeAccount((), PROJECT, **holds)
    account.counts = lambda kind: len(account.holds[kind])
    return account


def test_counted_kinds_are_not_listed() -> None:
    account = counting(networks={"n": ""})
    assert Usage(account).present([NETWORKS, PORTS, SERVERS, GROUPS]) == [NETWORKS, SERVERS, GROUPS]


def test_a_cloud_that_shows_no_counts_is_asked_once() -> None:
    account: Any = FakeAccount()
    usage = Usage(account)
    assert usage.present([NETWORKS, PORTS]) == usage.present([NETWORKS, PORTS]) == [NETWORKS, PORTS]
    assert account.calls == [DETAILS]


@pytest.mark.parametrize("answer", [None, [], {"quota": []}, {"quota": {"network": 1, "port": {"used": "0"}}}])
def test_invalid_counts_are_ignored(answer: Any) -> None:
    account: Any = FakeAccount()
    account.call = lambda *_: answer
    assert Usage(account).present([NETWORKS, PORTS]) == [NETWORKS, PORTS]


def test_an_empty_project_takes_one_look() -> None:
    account = counting()
    assert remove_new(
        account, NOTHING, [kind for kind in USUAL if kind != SERVERS], Usage(account).present
    ).remaining.empty
    assert account.calls == [DETAILS]


def test_known_objects_are_deleted_before_the_counts_are_read() -> None:
    account = counting(**TOPOLOGY, floatingips={"f": ""})
    known = Inventory({TOPOLOGIES: {"p1": ""}, FLOATING_IPS: {"f": ""}})
    kinds = (NETWORKS, PORTS, FLOATING_IPS)
    assert remove_new(account, NOTHING, kinds, Usage(account).present, lambda: known).remaining.empty
    assert account.calls[-1] == DETAILS
    assert not any(call.startswith("GET") for call in account.calls[:-1])
    assert take_inventory(account).empty


def test_unknown_objects_are_found_by_the_counts() -> None:
    account = counting(**TOPOLOGY, servers={"s": "", "t": ""}, floatingips={"f": ""})
    known = Inventory({SERVERS: {"s": ""}})
    removal = remove_new(account, NOTHING, USUAL, Usage(account).present, lambda: known)
    assert (removal.remaining.empty, removal.new.of(FLOATING_IPS)) == (True, {"f": ""})
    assert take_inventory(account).empty


def test_lists_decide_where_counts_say_that_something_is_there() -> None:
    account: Any = FakeAccount()
    account.counts = lambda _kind: 7
    assert remove_new(account, NOTHING, USUAL, Usage(account).present).remaining.empty


def test_a_project_is_listed_before_it_goes_whatever_is_counted() -> None:
    scratch: Any = FakeScratch()
    source = MadeProjects(scratch)
    with Lease(source, pytest.fail, created_kinds=lambda: USUAL) as lease:
        account: Any = lease.projects[0].account
        account.counts = lambda _kind: 0
        account.holds["networks"]["forgotten"] = ""
    source.settle()
    assert account.holds["networks"]
    source.close()
    assert not account.holds["networks"]


def test_known_objects_of_a_lease_are_deleted_without_a_list() -> None:
    scratch: Any = FakeScratch()
    source = MadeProjects(scratch)
    seconds: list[float] = []

    def known(project: str, since: float) -> dict[str, list[str]]:
        seconds.append(since)
        return {NETWORKS: ["n"]} if project == "p0" else {}

    with Lease(source, pytest.fail, created_kinds=lambda: {NETWORKS}, known=known) as lease:
        account: Any = lease.projects[0].account
        account.counts = lambda kind: len(account.holds[kind])
        account.holds["networks"]["n"] = ""
        account.calls.clear()
    source.settle()
    assert account.calls == ["DELETE http://n/v2.0/networks/n", "GET http://n/v2.0/quotas/p0/details"]
    assert len(set(seconds)) == 1
