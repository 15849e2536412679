"""Volleys as they are drawn."""

from dataclasses import replace
from typing import Any

from conformance.race.checkers.timeline import marked, volleys
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
    assert [(item.name, len(item.lanes)) for item in volleys(records)] == [
        ("pool-1-1", 2),
        ("pool-1-1", 1),
        ("churn-1", 1),
    ]


def test_calls_alone_are_not_drawn() -> None:
    assert volleys([Record("topology-1", "get_topology", "p", 0.0, completed=1.0, status=200)]) == []


def test_a_lane_says_when_how_long_and_what_came_back() -> None:
    [volley] = volleys(
        [
            call("topology-1", 10.0, 10.5, topology("1-aaaaaaaa")),
            call("topology-1", 10.002, 10.4, topology("2-bbbbbbbb")),
            call("topology-1", 10.003, 10.3, topology("1-aaaaaaaa")),
            call("topology-1", 10.004, 10.2, REFUSED, status=409),
            call("topology-1", 10.004, None),
        ]
    )
    assert [lane.answer for lane in volley.lanes] == [
        "200 aaaaaa",
        "200 bbbbbb",
        "200 aaaaaa",
        "409 NetworkInUse",
        "timed out",
    ]
    assert [lane.kind for lane in volley.lanes] == [1, 2, 1, 0, 0]
    assert [round(lane.start) for lane in volley.lanes] == [0, 2, 3, 4, 4]
    assert [lane.length and round(lane.length) for lane in volley.lanes] == [500, 398, 297, 196, None]
    assert (round(volley.spread), round(volley.length)) == (4, 500)


def test_an_object_that_was_made_is_named_by_its_id() -> None:
    [volley] = volleys([call("prefixes", 0.0, 1.0, {"subnet": {"id": "3-cccccccc"}}, status=201)])
    assert (volley.lanes[0].answer, volley.lanes[0].kind) == ("201 cccccc", 1)


def test_callers_have_short_names_of_their_own() -> None:
    [one] = volleys([call("topology-1", 10.0, 10.5), call("topology-1", 10.1, 10.5)])
    assert ([lane.caller for lane in one.lanes], one.projects) == (["1", "2"], [])
    projects = ("01a22bf2-106c-74f5-836e-66c2d47738d4", "01a22bf2-106d-74f5-836e-000000000000")
    records = [replace(call("pool-1", 10.0, 10.5), project=project) for project in projects for _ in range(2)]
    [several] = volleys(records)
    assert [lane.caller for lane in several.lanes] == ["A1", "A2", "B1", "B2"]
    assert several.projects == [("A", "7738d4"), ("B", "000000")]


def test_ids_that_end_alike_are_shown_as_far_as_they_differ() -> None:
    [volley] = volleys([call("topology-1", 1.0, 1.5, topology(f"{start}-2-aaaaaaaa")) for start in "12"])
    assert [lane.answer for lane in volley.lanes] == ["200 1-2-aaaaaaaa", "200 2-2-aaaaaaaa"]


def test_the_call_that_breaks_it_is_marked_where_it_was_or_in_a_lane_below() -> None:
    calls = [call("topology-1", 10.0, 10.1, topology("a")), call("topology-1", 10.0, 10.2, topology("b"))]
    networks = [{"id": "a", "project_id": "project-one"}, {"id": "public", "project_id": "another"}]
    early, late = (
        Record("topology-1-deleted", "list_networks", "project-one", start, completed=start + 0.1, status=200,
               answer={"networks": networks})
        for start in (10.3, 20.0)
    )  # fmt: skip
    other = [call("topology-2", 30.0, 30.1), call("topology-2", 30.0, 30.1)]
    drawn = volleys([*calls, *other])
    own = marked(drawn, [calls[1]])
    assert own
    assert [lane.breaks for lane in own.lanes] == [False, True]
    for record, far in ((early, False), (late, True)):
        volley = marked(drawn, [record])
        assert volley
        assert [lane.caller for lane in volley.lanes] == ["1", "2", "afterwards"]
        assert [(lane.answer, lane.far) for lane in volley.breaking] == [("200, 1 network: a", far)]
        assert round(volley.length) == (200 if far else 400)
    assert marked(drawn, []) is None
    assert marked([], [late]) is None
