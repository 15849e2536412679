"""The witness of all answers sees nothing in right answers, and each wrong value in whichever answer it shows."""

from typing import Any

import pytest

from conformance.answers.witness import REQUIREMENTS
from conformance.requirements import registry
from conformance.tests.witnessed_calls import (
    MINE,
    NET,
    NETWORK,
    SUBNET,
    THEIRS,
    TOKEN,
    Calls,
    Story,
    shown,
    violations,
)


def right_life(calls: Calls) -> None:
    calls.network()
    calls(f"PUT {NETWORK}/networks/n1", shown("network", NET, name="b"), 200, {"network": {"name": "b"}})
    calls(f"GET {NETWORK}/networks?name=b", {"networks": [{**NET, "name": "b"}]})
    calls(f"DELETE {NETWORK}/networks/n1", None, 204)
    calls(f"GET {NETWORK}/networks", {"networks": []})


def refused_change(calls: Calls) -> None:
    calls.network()
    calls(f"PUT {NETWORK}/networks/n1", {"NeutronError": {}}, 403, {"network": {"name": "b"}})
    calls(f"GET {NETWORK}/networks/n1", shown("network", NET))


def lost_change(calls: Calls) -> None:
    calls.network()
    calls(f"PUT {NETWORK}/networks/n1", None, 0, {"network": {"name": "b"}})
    calls(f"GET {NETWORK}/networks/n1", shown("network", NET, name="b"))
    calls(f"GET {NETWORK}/networks/n1", shown("network", NET))


def overlapping_read(calls: Calls) -> None:
    calls.network()
    body = {"network": {"name": "b"}}
    calls(f"PUT {NETWORK}/networks/n1", shown("network", NET, name="b"), 200, body, at=(50, 55))
    calls(f"GET {NETWORK}/networks/n1", shown("network", NET), at=(51, 52))
    calls(f"GET {NETWORK}/networks", {"networks": [{**NET, "name": "b"}]}, at=(56, 57))


def read_before_delete_ended(calls: Calls) -> None:
    calls.network()
    calls(f"DELETE {NETWORK}/networks/n1", None, 204, at=(50, 60))
    calls(f"GET {NETWORK}/networks", {"networks": [NET]}, at=(55, 65))


def topology_again(calls: Calls) -> None:
    url = f"{NETWORK}/auto-allocated-topology/{MINE}"
    calls(f"GET {url}", {"auto_allocated_topology": {"id": "n1", "project_id": MINE, "tenant_id": MINE}})
    calls(f"DELETE {url}", None, 204)
    calls(f"GET {url}", {"auto_allocated_topology": {"id": "n2", "project_id": MINE, "tenant_id": MINE}})
    calls(f"GET {NETWORK}/networks", {"networks": [{"id": "n2"}]})


def shared_by_another(calls: Calls) -> None:
    """A policy shares the network with its own project, too; another user sees less of it."""
    calls.network()
    calls(f"GET {NETWORK}/networks/n1", shown("network", NET, shared=True))
    calls(f"GET {NETWORK}/networks/n1", shown("network", NET, **{"router:external": True}))


def strange_answers(calls: Calls) -> None:
    answers: tuple[Any, ...] = (
        [],
        {"networks": [1, None, {"id": None}, {"id": 3}]},
        {"network": []},
        "text",
        {"networks": {}},
    )
    for answer in answers:
        calls(f"GET {NETWORK}/networks", answer)
        calls(f"POST {NETWORK}/networks", answer, 201, answer)
    calls(f"POST {NETWORK}/subnets", {"subnet": {"id": "s9", "cidr": 7}}, 201, {"subnet": {"prefixes": 3}})


RIGHT: tuple[Story, ...] = (
    right_life,
    refused_change,
    lost_change,
    overlapping_read,
    read_before_delete_ended,
    topology_again,
    shared_by_another,
)


@pytest.mark.parametrize("story", RIGHT)
def test_right_answers_have_no_violation_for_the_witness(story: Story) -> None:
    assert violations(story) == {}


def test_malformed_answers_are_ignored() -> None:
    assert set(violations(strange_answers)) <= {"N-OBJ-002"}  # of a prefix that is none


def network_of_another(calls: Calls) -> None:
    calls.network(project_id=THEIRS)


def network_renamed(calls: Calls) -> None:
    calls.network()
    calls(f"GET {NETWORK}/networks", {"networks": [{"id": "n1", "name": "z"}]})


def change_not_kept(calls: Calls) -> None:
    calls.network()
    calls(f"PUT {NETWORK}/networks/n1", shown("network", NET, name="b"), 200, {"network": {"name": "b"}})
    calls(f"GET {NETWORK}/networks/n1", shown("network", NET))


def another_was_asked_for(calls: Calls) -> None:
    calls(f"GET {NETWORK}/networks/n1", shown("network", NET, id="n2"))


def made_long_ago(calls: Calls) -> None:
    calls.network(created_at="2016-01-01T00:00:00Z")


def owner_changes(calls: Calls) -> None:
    """The owner changes an object that the cloud has made."""
    calls(f"GET {NETWORK}/subnets", {"subnets": [SUBNET]})
    calls(f"GET {NETWORK}/subnets", {"subnets": [{**SUBNET, "project_id": THEIRS}]})


def revision_falls(calls: Calls) -> None:
    calls(f"GET {NETWORK}/networks/n1", shown("network", NET, revision_number=4))
    calls(f"GET {NETWORK}/networks/n1", shown("network", NET, revision_number=3))


def revision_falls_and_is_heard_of_late(calls: Calls) -> None:
    calls(f"GET {NETWORK}/networks/n1", shown("network", NET, revision_number=3), at=(30, 31))
    calls(f"GET {NETWORK}/networks/n1", shown("network", NET, revision_number=4), at=(20, 21))


def network_comes_back(calls: Calls) -> None:
    calls.network()
    calls(f"DELETE {NETWORK}/networks/n1", None, 204)
    calls(f"GET {NETWORK}/networks", {"networks": [NET]})


def list_is_heard_before_the_delete(calls: Calls) -> None:
    calls(f"GET {NETWORK}/networks", {"networks": [NET]}, at=(20, 21))
    calls(f"DELETE {NETWORK}/networks/n1", None, 204, at=(10, 11))
    calls(f"GET {NETWORK}/networks", {"networks": [NET]}, at=(9, 10))


def topology_stays(calls: Calls) -> None:
    url = f"{NETWORK}/auto-allocated-topology/{MINE}"
    calls(f"GET {url}", {"auto_allocated_topology": {"id": "n1", "project_id": MINE, "tenant_id": MINE}})
    calls(f"DELETE {url}", None, 204)
    calls(f"GET {NETWORK}/networks", {"networks": [{"id": "n1"}]})


def topology_of_another(calls: Calls) -> None:
    url = f"{NETWORK}/auto-allocated-topology/None"
    calls(f"GET {url}", {"auto_allocated_topology": {"id": "n1", "project_id": THEIRS, "tenant_id": MINE}})


WRONG: dict[Story, str] = {
    network_of_another: "N-OBJ-001",
    network_renamed: "N-OBJ-001",
    change_not_kept: "N-OBJ-001",
    another_was_asked_for: "N-OBJ-001",
    made_long_ago: "N-OBJ-001",
    owner_changes: "N-OBJ-011",
    revision_falls: "N-OBJ-012",
    revision_falls_and_is_heard_of_late: "N-OBJ-012",
    network_comes_back: "N-OBJ-013",
    list_is_heard_before_the_delete: "N-OBJ-013",
    topology_stays: "N-OBJ-013",
    topology_of_another: "N-OBJ-010",
}


@pytest.mark.parametrize(("story", "requirement"), WRONG.items())
def test_each_wrong_answer_has_one_violation(story: Story, requirement: str) -> None:
    assert set(violations(story)) == {requirement}
    assert TOKEN not in str(violations(story))


def test_all_judged_requirements_are_in_the_registry() -> None:
    assert set(REQUIREMENTS) <= registry.load().keys()
