"""The invariants of projects on one pool, and of contests, against hand-made histories, good ones and bad ones."""

from typing import Any

import pytest

from conformance.race.engine.history import Record
from conformance.race.scenarios import contention, shared_pool

ONE, TWO = "project-one", "project-two"


def listed(project: str, kind: str, *items: dict[str, Any]) -> Record:
    return Record("pool-1-1", f"list_{kind}", project, 0.0, completed=1.0, status=200, answer={kind: list(items)})


def subnet(project: str, cidr: str, of: str | None = "pool") -> dict[str, Any]:
    return {"id": f"{project}-{cidr}", "cidr": cidr, "subnetpool_id": of, "project_id": project}


def seen(project: str, *subnets: dict[str, Any], answered: str = "") -> list[Record]:
    body = {"auto_allocated_topology": {"id": answered or f"network-of-{project}"}}
    return [
        Record("pool-1-1", "get_topology", project, 0.0, completed=1.0, status=200, answer=body),
        *(listed(project, kind) for kind in ("networks", "routers", "ports", "subnetpools")),
        listed(project, "subnets", *subnets),
    ]


def both(one: list[Record], two: list[Record]) -> list[Record]:
    return [*one, *two]


APART = both(seen(ONE, subnet(ONE, "10.0.0.0/26")), seen(TWO, subnet(TWO, "10.0.0.64/26")))


@pytest.mark.parametrize(
    ("rule", "happened", "violations"),
    [
        (shared_pool.prefixes_are_apart, APART, 0),
        (
            shared_pool.prefixes_are_apart,
            both(seen(ONE, subnet(ONE, "10.0.0.0/26")), seen(TWO, subnet(TWO, "10.0.0.0/26"))),
            1,
        ),
        (
            shared_pool.prefixes_are_apart,
            both(seen(ONE, subnet(ONE, "10.0.0.0/24")), seen(TWO, subnet(TWO, "10.0.0.64/26"))),
            1,
        ),
        # two pools may hold the same prefixes, and so may subnets of none
        (
            shared_pool.prefixes_are_apart,
            both(seen(ONE, subnet(ONE, "10.0.0.0/26")), seen(TWO, subnet(TWO, "10.0.0.0/26", "b"))),
            0,
        ),
        (
            shared_pool.prefixes_are_apart,
            both(seen(ONE, subnet(ONE, "::/64", None)), seen(TWO, subnet(TWO, "::/64", None))),
            0,
        ),
        # within one project, too
        (
            shared_pool.prefixes_are_apart,
            both(seen(ONE, subnet(ONE, "10.0.0.0/26"), subnet(ONE, "10.0.0.32/27")), seen(TWO)),
            1,
        ),
        (shared_pool.networks_are_apart, APART, 0),
        (shared_pool.networks_are_apart, both(seen(ONE, answered="n"), seen(TWO, answered="n")), 1),
        (shared_pool.nothing_foreign_is_seen, APART, 0),
        (
            shared_pool.nothing_foreign_is_seen,
            both(
                seen(ONE, subnet(ONE, "10.0.0.0/26"), subnet(TWO, "10.0.0.64/26")),
                seen(TWO, subnet(TWO, "10.0.0.64/26")),
            ),
            1,
        ),
    ],
)
def test_pool(rule: Any, happened: list[Record], violations: int) -> None:
    assert len(rule(happened)) == violations


def test_rounds_are_separated_and_later_calls_are_left_out() -> None:
    races = ("pool-1-1", "pool-1-2", "pool-2-1", "pool-1-1-deleted")
    records = [Record(race, "get_topology", f"project-{race[7]}", 0.0) for race in races]
    assert [sorted({record.project for record in round_}) for round_ in shared_pool.by_round(records).values()] == [
        ["project-1", "project-2"],
        ["project-1"],
    ]


def requested(status: int | None, kind: str = "") -> Record:
    answer = {"NeutronError": {"type": kind}} if kind else {"subnet": {"id": "s"}}
    completed = None if status is None else 1.0
    return Record("r", contention.ASK, ONE, 0.0, completed=completed, status=status, answer=answer, volley=True)


FULL = requested(409, "SubnetAllocationError")


@pytest.mark.parametrize(
    ("history", "places", "violations"),
    [
        ([requested(201), requested(201), FULL], 2, 0),
        ([requested(201), requested(201), requested(201)], 2, 1),
        ([requested(201), FULL, FULL], 2, 1),
        ([requested(201), requested(None)], 1, 0),
        ([Record("r", contention.PREPARE, ONE, 0.0, completed=1.0, status=201), requested(201)], 1, 0),
    ],
)
def test_room_for(history: list[Record], places: int, violations: int) -> None:
    assert len(contention.room_for(places)(history)) == violations


@pytest.mark.parametrize(
    ("history", "violations"),
    [
        ([requested(201), FULL, FULL], 0),
        ([requested(500, "HTTPInternalServerError"), requested(500, "HTTPInternalServerError")], 1),
        ([requested(409)], 1),
        ([requested(None)], 0),
    ],
)
def test_other_refusals_are_violations(history: list[Record], violations: int) -> None:
    assert (
        len(contention.others_are_refused_as_documented(frozenset({(409, "SubnetAllocationError")}))(history))
        == violations
    )


def test_winners_are_the_created_objects() -> None:
    assert contention.winners([requested(201), FULL, requested(None)], "subnets") == ["s"]
