"""The invariants of boots that meet deletes, each other, or a quota, against hand-made histories, good and bad ones."""

from dataclasses import replace
from typing import Any

import pytest

from conformance.race.checkers import servers as must
from conformance.race.checkers.judge import HistoryRule
from conformance.race.engine.history import Record
from conformance.race.operations.project_state import ProjectState
from conformance.race.scenarios import quota_edge

OURS = "our-project"


def call(operation: str, status: int | None, target: str = "", at: float = 0.0, **more: Any) -> Record:
    ended = None if status is None else at + 1
    lost = "no answer" if status is None else ""
    return Record("r", operation, OURS, at, target, completed=ended, status=status, lost=lost, **more)


def posted(status: int | None, *, alone: bool = False) -> Record:
    return call("create_servers", status, volley=not alone)


def shown(server: str, state: str, at: float = 0.0, **more: Any) -> Record:
    if not state:
        return call("show_server", 404, server, at)
    return call("show_server", 200, server, at, answer={"server": {"id": server, "status": state, **more}})


def listed(*servers: str, at: float = 0.0) -> Record:
    return call("list_servers", 200, at=at, answer={"servers": [{"id": server} for server in servers]})


def dismissed(server: str, status: int | None = 204) -> Record:
    return call("delete_server", status, server)


def on(server: str, *networks: str) -> Record:
    answer = {"interfaceAttachments": [{"net_id": network} for network in networks]}
    return call("list_interfaces", 200, server, answer=answer)


FAULT: dict[str, Any] = {"fault": {"code": 500}}
HAPPENED: list[tuple[HistoryRule, list[Record], int]] = [
    (must.requests_are_accepted, [posted(202), posted(202)], 0),
    (must.requests_are_accepted, [posted(202), posted(409), posted(202, alone=True)], 0),
    (must.requests_are_accepted, [posted(202), posted(409), posted(409, alone=True)], 1),
    (must.requests_are_accepted, [posted(202), posted(500), posted(202, alone=True)], 1),
    (must.boots_are_accepted_or_ambiguous, [posted(202), posted(409), posted(None)], 0),
    (must.boots_are_accepted_or_ambiguous, [posted(202), posted(400), posted(500)], 2),
    (must.all_accepted_are_listed, [posted(202), posted(409), posted(202), listed("a", "b")], 0),
    (must.all_accepted_are_listed, [posted(202), posted(202), listed("a")], 1),
    (must.none_fails, [shown("a", "ACTIVE"), shown("b", ""), dismissed("b")], 0),
    (must.none_fails, [shown("a", "ACTIVE"), shown("b", "")], 1),
    (must.builds_end_in_active_or_show_a_fault, [shown("a", "ACTIVE"), shown("b", "ERROR", **FAULT)], 0),
    (must.builds_end_in_active_or_show_a_fault, [shown("a", "BUILD"), shown("b", "ERROR"), shown("c", "")], 2),
    (must.deletes_of_servers_end_well, [dismissed("a"), dismissed("a", 404), dismissed("a", None)], 0),
    (must.deletes_of_servers_end_well, [dismissed("a", 409), dismissed("b", 500)], 2),
    (must.gone_is_gone, [shown("a", "BUILD"), shown("a", "", 2), shown("a", "", 4), listed("b", at=6)], 0),
    (must.gone_is_gone, [shown("a", "", 2), shown("a", "ERROR", 4)], 1),
    (must.gone_is_gone, [shown("a", "", 2), listed("a", "b", at=4)], 1),
    (must.gone_is_gone, [shown("a", "", 2), listed("a", at=2.5)], 0),  # it may have been asked before
    (quota_edge.no_more_run_than(2), [shown("a", "ACTIVE"), shown("b", "ACTIVE"), shown("c", "ERROR")], 0),
    (quota_edge.no_more_run_than(2), [shown("a", "BUILD"), shown("a", "ACTIVE", 2), shown("b", "ACTIVE")], 0),
    (quota_edge.no_more_run_than(1), [shown("a", "ACTIVE"), shown("b", "ACTIVE")], 1),
    (
        quota_edge.losers_are_refused_or_show_a_fault,
        [posted(202), posted(403), posted(None), shown("a", "ERROR", **FAULT)],
        0,
    ),
    (quota_edge.losers_are_refused_or_show_a_fault, [posted(409), posted(500), shown("a", "ERROR")], 3),
    (quota_edge.a_boot_alone_succeeds, [posted(202), shown("a", "ACTIVE")], 0),
    (quota_edge.a_boot_alone_succeeds, [posted(403)], 1),
    (quota_edge.a_boot_alone_succeeds, [posted(202), shown("a", "ERROR", **FAULT)], 1),
]


@pytest.mark.parametrize(("invariant", "history", "violations"), HAPPENED)
def test_rules_on_histories(invariant: HistoryRule, history: list[Record], violations: int) -> None:
    assert len(invariant(history)) == violations


THERE = ProjectState([{"id": "n"}], [], [], [{"id": "p", "device_id": "a"}], [])


@pytest.mark.parametrize(
    ("history", "violations"),
    [
        ([shown("a", "ACTIVE"), on("a", "n"), shown("b", "ERROR"), on("b")], 0),
        ([shown("a", "ACTIVE"), on("a", "m")], 1),
        ([shown("a", "ACTIVE"), on("a")], 1),
    ],
)
def test_running_servers_are_on_a_network(history: list[Record], violations: int) -> None:
    assert len(must.running_servers_are_on_a_network_that_is_there(history, THERE)) == violations


@pytest.mark.parametrize(
    ("history", "violations"), [([shown("a", "ACTIVE"), shown("b", "")], 0), ([shown("b", ""), shown("a", "")], 1)]
)
def test_ports_of_deleted_servers(history: list[Record], violations: int) -> None:
    assert len(must.no_port_of_what_is_gone(history, THERE)) == violations


def test_doubts() -> None:
    races = {"r": [shown("a", "BUILD"), shown("b", "ERROR"), shown("c", "BUILD"), dismissed("c")]}
    assert must.still_building(races) == ["r: server a was still BUILD"]
    assert must.still_there(races) == ["r: server c was not gone"]
    assert must.still_there({"r": [*races["r"], replace(shown("c", ""), invoked=9.0)]}) == []
    assert must.still_there({"r": [shown("a", "BUILD")]}) == ["no server was there to be deleted"]
