"""New objects of a project are deleted, in the order of their dependencies, and nothing else is touched."""

from typing import Any

import pytest

from conformance.projects.inventory import AUTO_NETWORK, NETWORKS, NOTHING, Inventory, remove_new, take_inventory
from conformance.target.cloud import ApiError
from conformance.tests.fake_account import NAMES, TOPOLOGY, FakeAccount


def test_an_inventory_holds_what_users_create() -> None:
    account: Any = FakeAccount(security_groups={"g": "default", "h": "mine"}, networks={"n": "x"})
    inventory = take_inventory(account)
    assert {kind: dict(items) for kind, items in inventory.items.items() if items} == {
        "networks": {"n": "x"},
        "security-groups": {"h": "mine"},
    }
    assert str(inventory) == "1 network, 1 security group"
    assert not inventory.empty
    assert NOTHING.empty


def test_a_cloud_without_an_extension_has_none_of_it() -> None:
    account: Any = FakeAccount(stuck=("no floating ips",))
    assert take_inventory(account).empty


def test_a_service_that_fails_is_not_an_empty_project() -> None:
    account: Any = FakeAccount()
    account.call = lambda *_args, **_kwargs: (_ for _ in ()).throw(ApiError("answered 404", 404))
    with pytest.raises(ApiError):
        take_inventory(account)


def test_an_empty_project_costs_one_listing() -> None:
    account: Any = FakeAccount()
    assert remove_new(account, NOTHING).remaining.empty
    assert len(account.calls) == len(NAMES)


@pytest.mark.parametrize(
    ("before", "held", "requested"),
    [
        (NOTHING, {}, 0),  # Networking might build one in order to take it away
        (NOTHING, {NETWORKS: {"n": "of a test"}}, 0),
        (NOTHING, {NETWORKS: {"auto-net": AUTO_NETWORK}}, 1),
        (Inventory({NETWORKS: {"auto-net": AUTO_NETWORK}}), {NETWORKS: {"auto-net": AUTO_NETWORK}}, 0),
    ],
)
def test_a_new_topology_is_deleted_by_its_own_call(before: Inventory, held: Any, requested: int) -> None:
    account: Any = FakeAccount(**held)
    assert remove_new(account, before).remaining.empty
    assert sum(call.startswith("DELETE http://n/v2.0/auto-allocated-topology/") for call in account.calls) == requested


@pytest.mark.parametrize("stuck", [(), ("topology",)])
def test_new_objects_are_deleted_in_the_order_of_dependencies(stuck: tuple[str, ...]) -> None:
    account: Any = FakeAccount(
        stuck,
        **TOPOLOGY,
        servers={"s": "vm"},
        floatingips={"f": ""},
        subnetpools={"p": ""},
        security_groups={"g": "default", "h": "mine"},
    )
    assert remove_new(account, NOTHING).remaining.empty
    assert {kind: items for kind, items in account.holds.items() if items} == {"security-groups": {"g": "default"}}
    deletes = [call for call in account.calls if call.startswith("DELETE")]
    assert deletes[0].endswith("/servers/s")


def test_earlier_objects_are_not_touched() -> None:
    account: Any = FakeAccount(networks={"old": "theirs"})
    before = take_inventory(account)
    account.holds["networks"]["new"] = "ours"
    assert remove_new(account, before).remaining.empty
    assert account.holds["networks"] == {"old": "theirs"}


def test_remaining_objects_are_named() -> None:
    account: Any = FakeAccount(stuck=("n",), networks={"n": "ours"}, subnets={"s": ""})
    remaining = remove_new(account, NOTHING).remaining
    assert remaining.items == {"networks": {"n": "ours"}}


def test_objects_added_since() -> None:
    before, now = Inventory({"networks": {"a": ""}}), Inventory({"networks": {"a": "", "b": ""}, "ports": {"c": ""}})
    assert now.added_since(before).items == {"networks": {"b": ""}, "ports": {"c": ""}}
    assert before.added_since(now).empty


class LosingAccount(FakeAccount):
    """A member whose cloud accepts that many DELETEs of its server without effect, and lists it once more after one
    that has an effect.
    """

    def __init__(self, lost: int) -> None:
        super().__init__(servers={"s": "vm"})
        self.lost = lost
        self.going = False

    def _list(self, kind: str, query: str) -> Any:
        answer = super()._list(kind, query)
        if kind == "servers" and self.going:
            self.holds["servers"].clear()
        return answer

    def _show(self, kind: str, id_: str) -> Any:
        answer = super()._show(kind, id_)
        return {"server": {**answer["server"], "OS-EXT-STS:task_state": "deleting" if self.going else None}}

    def _delete(self, kind: str, id_: str) -> None:
        self.lost -= 1
        self.going = self.lost < 0


def test_a_server_whose_deletion_was_lost_is_deleted_once_more() -> None:
    account: Any = LosingAccount(lost=1)
    assert remove_new(account, NOTHING).remaining.empty
    assert account.calls.count("DELETE http://c/v2.1/servers/s") == 2


def test_a_server_that_no_delete_removes_is_left() -> None:
    account: Any = LosingAccount(lost=9)
    assert remove_new(account, NOTHING).remaining.of("servers") == {"s": "vm"}
    assert account.calls.count("DELETE http://c/v2.1/servers/s") <= 3  # the last is that of everything that remains
