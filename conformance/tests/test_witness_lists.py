"""The witness judges lists: what they repeat, leave out, show without a field, or in another order."""

from typing import Any

import pytest

from conformance.tests.witnessed_calls import (
    BUILDING,
    COMPUTE,
    MINE,
    NET,
    NETWORK,
    SERVER,
    Calls,
    Story,
    shown,
    violations,
)

LIST = f"GET {NETWORK}/networks"
OTHER = {**NET, "id": "n2"}


def listed(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"networks": list(items), **more}


def list_of_an_owner(calls: Calls) -> None:
    calls.network()
    calls(f"{LIST}?project_id={MINE}&sort_key=id", listed(NET, OTHER))
    calls(f"GET {NETWORK}/networks/n1", shown("network", NET))
    calls(f"{LIST}?fields=name", listed({"name": "a"}))


def made_meanwhile(calls: Calls) -> None:
    """The network was made, and another one deleted, while the list was on its way."""
    calls.network()
    calls(f"POST {NETWORK}/networks", shown("network", OTHER), 201, {"network": {"name": "a"}}, at=(50, 60))
    calls(LIST, listed(), at=(52, 62))
    calls(f"DELETE {NETWORK}/networks/n1", None, 204, at=(51, 63))
    calls(f"GET {NETWORK}/networks/n2", shown("network", OTHER))


def filtered(calls: Calls) -> None:
    """Filters, pages and other projects leave objects out."""
    calls.network()
    for query in ("name=b", "limit=1", "project_id=project-2", "marker=n1"):
        calls(f"{LIST}?{query}", listed())
    calls(LIST, listed(networks_links=[{"rel": "next", "href": ""}]))
    calls(f"GET {NETWORK}/networks/n1", shown("network", NET))


def server_is_on_its_way_out(calls: Calls) -> None:
    """The server that a list leaves out was deleted, and is kept for a while."""
    gone = {"status": "SOFT_DELETED", "OS-EXT-STS:vm_state": "soft-delete"}
    calls.server()
    calls(f"GET {COMPUTE}/servers/detail", {"servers": []})
    calls(f"GET {COMPUTE}/servers/v1", shown("server", SERVER, **gone))


def network_twice(calls: Calls) -> None:
    calls(LIST, listed(NET, OTHER, NET))


def network_left_out(calls: Calls) -> None:
    calls.network()
    calls(LIST, listed(OTHER))
    calls(f"GET {NETWORK}/networks/n1", shown("network", NET))


def network_without_its_name(calls: Calls) -> None:
    calls.network()
    calls(f"GET {NETWORK}/networks/n1", shown("network", NET))
    calls(LIST, listed({name: value for name, value in NET.items() if name != "name"}))


def networks_in_another_order(calls: Calls) -> None:
    calls(f"{LIST}?sort_key=id&sort_dir=desc", listed(NET, OTHER))


def server_left_out_while_it_is_built(calls: Calls) -> None:
    calls.server(**BUILDING)
    calls(f"GET {COMPUTE}/servers/detail", {"servers": []})
    calls(f"GET {COMPUTE}/servers/v1", shown("server", SERVER, **BUILDING))


@pytest.mark.parametrize("story", [list_of_an_owner, made_meanwhile, filtered, server_is_on_its_way_out])
def test_right_lists_have_no_violation(story: Story) -> None:
    assert violations(story) == {}


WRONG: dict[Story, str] = {
    network_twice: "N-OBJ-015",
    network_left_out: "N-OBJ-015",
    network_without_its_name: "N-OBJ-015",
    networks_in_another_order: "N-OBJ-015",
    server_left_out_while_it_is_built: "C-OBJ-013",
}


@pytest.mark.parametrize(("story", "requirement"), WRONG.items())
def test_each_wrong_list_has_one_violation(story: Story, requirement: str) -> None:
    assert set(violations(story)) == {requirement}
