"""The kinds of objects that the suite looks for after a gabbi file."""

from types import SimpleNamespace
from typing import Any

import pytest

from conformance.gabbi.fixtures import EmptyProject, ProjectWithFloatingIP
from conformance.projects.inventory import USUAL, take_inventory
from conformance.projects.leases import Lease, Project
from conformance.projects.side_effects import kinds_created_by
from conformance.target.capabilities import Capabilities
from conformance.tests.fake_account import FakeAccount
from conformance.tests.test_leases import OneProject

TOPOLOGY = {"networks", "routers", "ports"}


@pytest.mark.parametrize(
    ("method", "url", "kinds"),
    [
        ("GET", "http://n/v2.0/networks?fields=id", set()),
        ("GET", "http://c/v2.1/servers/detail", set()),
        ("GET", "http://n/v2.0/auto-allocated-topology/p1", TOPOLOGY),
        ("GET", "http://n/v2.0/auto-allocated-topology/p1?fields=dry-run", TOPOLOGY),
        ("DELETE", "http://n/v2.0/auto-allocated-topology/p1", TOPOLOGY),
        ("POST", "http://c/v2.1/servers", TOPOLOGY | {"servers"}),
        ("POST", "http://c/compute/v2.1/0123/servers/s1/action", TOPOLOGY | {"servers"}),
        ("POST", "http://n/networking/v2.0/networks.json", {"networks"}),
        ("POST", "http://n/v2.0/subnets", {"networks"}),
        ("PUT", "http://n/v2.0/routers/r1/add_router_interface", {"routers", "ports"}),
        ("PUT", "http://n/v2.0/subnetpools/p1/onboard_network_subnets", {"subnetpools"}),
        ("POST", "http://n/v2.0/floatingips", {"floatingips"}),
        ("POST", "http://n/v2.0/not-known-here?servers", set(USUAL)),
    ],
)
def test_kinds_that_a_request_may_create(method: str, url: str, kinds: set[str]) -> None:
    assert kinds_created_by(method, url) == kinds


def leased(
    fixture: Any,
    account: FakeAccount,
    *sent: tuple[str, str],
    made_by_run: bool = True,
    leaks: list[str] | None = None,
    comes: tuple[str, str] = ("networks", ""),
) -> list[str]:
    """Run the fixture around those requests; returns the calls at the end of its lease. `comes` is a kind and an id."""
    source = OneProject(Project(account, made_by_run=made_by_run))  # type: ignore[arg-type]
    client = SimpleNamespace(created_kinds={"floatingips"})  # from an earlier file
    note = (leaks if leaks is not None else []).append
    context = SimpleNamespace(
        client=client,
        lease=lambda number, remaining, needed, _as_it_was: Lease(source, note, number, remaining, needed),
        capabilities=Capabilities(),
    )
    with fixture(context, SimpleNamespace(requires=(), fixtures=(), content={"tests": []})):
        for method, url in sent:
            client.created_kinds |= kinds_created_by(method, url)
        if comes[1]:
            account.holds[comes[0]][comes[1]] = ""
        account.calls.clear()
    return account.calls


@pytest.fixture
def untold(monkeypatch: pytest.MonkeyPatch) -> None:
    for fixture in (EmptyProject, ProjectWithFloatingIP):
        monkeypatch.setattr(fixture, "_export", lambda *_: None)


@pytest.mark.usefixtures("untold")
def test_only_possible_kinds_are_looked_for() -> None:
    account = FakeAccount(networks={"n": "made"})
    looks = leased(EmptyProject, account, ("GET", "http://n/v2.0/ports"), ("POST", "http://n/v2.0/networks"))
    assert looks[0] == "GET http://n/v2.0/networks"
    assert {look for look in looks if look.startswith("GET")} == {"GET http://n/v2.0/networks"}
    assert take_inventory(account).empty  # type: ignore[arg-type]


@pytest.mark.usefixtures("untold")
def test_kinds_that_the_fixture_creates_are_looked_for() -> None:
    assert leased(ProjectWithFloatingIP, FakeAccount()) == ["GET http://n/v2.0/floatingips"]
    assert leased(EmptyProject, FakeAccount()) == []


@pytest.mark.usefixtures("untold")
def test_floating_ips_are_looked_for_after_topologies_and_servers() -> None:
    for url in ("http://n/v2.0/auto-allocated-topology/None", "http://c/v2.1/servers"):
        assert "GET http://n/v2.0/floatingips" in leased(EmptyProject, FakeAccount(), ("POST", url))


@pytest.mark.usefixtures("untold")
@pytest.mark.parametrize("made_by_run", [True, False])
def test_unrequested_objects_are_reported_and_removed(made_by_run: bool) -> None:
    account, leaks = FakeAccount(floatingips={"f": ""}), list[str]()
    topology = [("GET", "http://n/v2.0/auto-allocated-topology/None")]
    if made_by_run:
        leased(EmptyProject, account, *topology, leaks=leaks)
    else:
        account.holds["floatingips"].clear()
        leased(EmptyProject, account, *topology, made_by_run=False, leaks=leaks, comes=("floatingips", "f"))
    assert leaks == ["project p1 was given floatingips f, which was not asked for"]
    assert take_inventory(account).empty  # type: ignore[arg-type]


@pytest.mark.usefixtures("untold")
def test_a_project_that_is_not_ours_is_looked_at_as_a_whole() -> None:
    assert len(leased(EmptyProject, FakeAccount(), made_by_run=False)) == len(FakeAccount().holds)
