"""Volleys as they are drawn."""

from typing import Any

from conformance.race.checkers.timeline import volleys
from conformance.race.engine.history import Record


def call(race: str, start: float, end: float | None, answer: Any = None, status: int = 200, **more: Any) -> Record:
    completed = {"completed": end, "status": status} if end is not None else {"lost": "timed out"}
    return Record(race, "get_topology", "project-one", start, volley=True, answer=answer, at=start, **completed, **more)


def topology(id_: str) -> dict[str, Any]:
    return {"auto_allocated_topology": {"id": id_}}


REFUSED = {"NeutronError": {"type": "NetworkInUse"}}


def test_calls_released_together_are_one_volley() -> None:
    records = [
        call("pool-1-1", 10.0, 10.5, topology("a")),
        call("pool-1-2", 10.001, 10.6, topology("b")),
        call("pool-1-1", 11.0, 11.1),  # after the others had ended
        call("churn-1", 11.05, 11.2),  # another race, meanwhile
    ]
    assert [(item.name, len(item.bars)) for item in volleys(records)] == [
        ("pool-1-1", 2),
        ("pool-1-1", 1),
        ("churn-1", 1),
    ]


def test_calls_alone_are_not_drawn() -> None:
    assert volleys([Record("topology-1", "get_topology", "p", 0.0, completed=1.0, status=200)]) == []


def test_a_bar_says_when_how_long_and_what_came_back() -> None:
    [volley] = volleys(
        [
            call("topology-1", 10.0, 10.5, topology("1-aaaaaaaa")),
            call("topology-1", 10.002, 10.4, topology("2-bbbbbbbb")),
            call("topology-1", 10.003, 10.3, topology("1-aaaaaaaa")),
            call("topology-1", 10.004, 10.2, REFUSED, status=409),
            call("topology-1", 10.004, None),
        ]
    )
    assert [bar.label for bar in volley.bars] == [
        "200 aaaaaaaa",
        "200 bbbbbbbb",
        "200 aaaaaaaa",
        "409 NetworkInUse",
        "timed out",
    ]
    assert [bar.kind for bar in volley.bars] == [1, 2, 1, 0, 0]
    assert [round(bar.start) for bar in volley.bars] == [0, 2, 3, 4, 4]
    assert [bar.length and round(bar.length) for bar in volley.bars] == [500, 398, 297, 196, None]
    assert (round(volley.spread), round(volley.length)) == (4, 500)


def test_an_object_that_was_made_is_named_by_its_id() -> None:
    [volley] = volleys([call("prefixes", 0.0, 1.0, {"subnet": {"id": "3-cccccccc"}}, status=201)])
    assert (volley.bars[0].label, volley.bars[0].kind) == ("201 cccccccc", 1)
