"""The witness knows what is in a project: objects that calls have made and not deleted."""

from collections.abc import Callable
from typing import Any

import pytest

from conformance.tests.witnessed_calls import COMPUTE, MINE, NETWORK, THEIRS, Calls

ID = "0a1b2c3d-0000-4000-8000-00000000000a"
GET_TOPOLOGY = f"GET {NETWORK}/auto-allocated-topology"


def topology(calls: Calls, network: str = ID, project: str = "None", at: tuple[float, float] | None = None) -> None:
    calls(f"{GET_TOPOLOGY}/{project}", {"auto_allocated_topology": {"id": network}}, at=at)


def network_deleted(calls: Calls) -> None:
    calls.network()
    calls(f"DELETE {NETWORK}/networks/n1", None, 204)


def network_not_found(calls: Calls) -> None:
    calls.network()
    calls(f"GET {NETWORK}/networks/n1", None, 404)


def network_of_another(calls: Calls) -> None:
    body = {"network": {"name": "a", "project_id": THEIRS}}
    calls(f"POST {NETWORK}/networks", {"network": {"id": "n1", "project_id": THEIRS}}, 201, body)


def network_refused(calls: Calls) -> None:
    calls(f"POST {NETWORK}/networks", {"network": {"id": "n1"}}, 409, {"network": {"name": "a"}})


def topology_deleted(calls: Calls) -> None:
    topology(calls)
    calls(f"DELETE {NETWORK}/auto-allocated-topology/{MINE}", None, 204)


def topology_whose_network_is_gone(calls: Calls) -> None:
    topology(calls)
    calls(f"DELETE {NETWORK}/networks/{ID}", None, 204)


def dry_run(calls: Calls) -> None:
    topology(calls, "dry-run=pass")


@pytest.mark.parametrize(
    ("story", "remaining"),
    [
        (Calls.network, {"networks": ["n1"]}),
        (Calls.server, {"servers": ["v1"]}),
        (topology, {"auto-allocated-topology": [MINE]}),
        (network_deleted, {}),
        (network_not_found, {"networks": ["n1"]}),  # one answer alone does not prove that it is gone
        (network_of_another, {}),
        (network_refused, {}),
        (topology_deleted, {}),
        (topology_whose_network_is_gone, {}),
        (dry_run, {}),
    ],
)
def test_objects_that_were_not_deleted_may_still_be_there(story: Callable[[Calls], None], remaining: Any) -> None:
    calls = Calls()
    story(calls)
    assert calls.witness.left_in(MINE, 0) == remaining


def test_only_objects_since_the_lease_count() -> None:
    calls = Calls()
    calls.network()
    topology(calls, at=(8, 9))
    assert calls.witness.left_in(MINE, 9.5) == {}
    calls(f"POST {COMPUTE}/servers", {"server": {"id": "v2"}}, 202, {"server": {}}, at=(10, 11))
    assert calls.witness.left_in(MINE, 9.5) == {"servers": ["v2"]}
