"""The invariants of operators' races and of the default security group, against hand-made histories."""

from typing import Any

import pytest

from conformance.race.engine.history import Record
from conformance.race.scenarios import default_group, second_default
from conformance.verdict.signals import Inconclusive

OWNER = "owner"
TWO = frozenset({(409, "DefaultExternalNetworkExists")})


def requested(status: int, kind: str = "") -> Record:
    answer = {"NeutronError": {"type": kind}} if kind else {"network": {"id": "n"}}
    return Record("r", "ask", "admin", 2.0, completed=3.0, status=status, answer=answer, volley=True)


def look(operation: str, *networks: dict[str, Any]) -> Record:
    return Record("r", operation, "admin", 0.0, completed=1.0, status=200, answer={"networks": list(networks)})


def prepared() -> Record:
    return Record("r", "prepare", "admin", 1.0, completed=2.0, status=201)


PUBLIC = {"id": "public", "is_default": True, "project_id": "operator"}
MINE = {"id": "mine", "is_default": False, "project_id": OWNER}
BEFORE = look("list_before", PUBLIC)


@pytest.mark.parametrize(
    ("history", "violations"),
    [
        ([requested(409, "DefaultExternalNetworkExists")] * 2, 0),
        ([requested(409, "DefaultExternalNetworkExists"), requested(201)], 1),
        ([requested(500, "HTTPInternalServerError"), requested(409, "OverQuota")], 2),
    ],
)
def test_all_are_refused(history: list[Record], violations: int) -> None:
    assert len(second_default.all_are_refused(TWO)(history)) == violations


@pytest.mark.parametrize(
    ("history", "violations"),
    [
        ([BEFORE, prepared(), look("list_after", PUBLIC, MINE)], 0),
        ([BEFORE, prepared(), look("list_after", PUBLIC, MINE, {**MINE, "id": "half-made"})], 1),
        ([BEFORE, prepared(), look("list_after", PUBLIC, {**MINE, "is_default": True})], 1),
        ([BEFORE, prepared(), look("list_after", {**PUBLIC, "is_default": False}, {**MINE, "is_default": True})], 1),
    ],
)
def test_nothing_has_changed(history: list[Record], violations: int) -> None:
    assert len(second_default.nothing_has_changed("networks", OWNER)(history)) == violations


def test_without_a_look_afterwards_it_is_open() -> None:
    with pytest.raises(Inconclusive):
        second_default.nothing_has_changed("networks", OWNER)([BEFORE])


def group(name: str, *, rules: int = 4, project: str = OWNER) -> dict[str, Any]:
    rule: list[dict[str, Any]] = [{"id": str(number)} for number in range(rules)]
    return {"id": f"{name}-{rules}", "name": "default", "project_id": project, "security_group_rules": rule}


def seen(*groups: dict[str, Any], operation: str = "list_groups", status: int = 200) -> Record:
    answer = {"security_groups": list(groups)}
    return Record("r", operation, OWNER, 0.0, completed=1.0, status=status, answer=answer)


@pytest.mark.parametrize(
    ("history", "violations"),
    [
        ([seen(group("a")), seen(group("a"), operation="use")], 0),
        ([seen(group("a"), group("b", project="theirs"), {"id": "c", "name": "mine", "project_id": OWNER})], 0),
        ([seen(group("a"), group("b"))], 1),
        ([seen()], 1),
        ([seen(group("a", rules=8))], 1),
        ([seen(group("a")), seen(group("a"), group("b"), operation="use")], 1),
        ([seen(group("a")), seen(operation="use")], 0),  # a list may be answered before the group exists
    ],
)
def test_one_default_group(history: list[Record], violations: int) -> None:
    assert len(default_group.one_default_group(4)(history)) == violations


def test_all_are_served() -> None:
    assert default_group.all_are_served([seen(operation="use"), seen(status=500)]) == []
    assert (
        len(default_group.all_are_served([seen(operation="use", status=500), seen(operation="ask", status=409)])) == 2
    )
