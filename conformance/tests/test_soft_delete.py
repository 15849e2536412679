"""Soft-deleted servers: their deletion is forced once, and then waited for as usual."""

from pathlib import Path
from typing import Any

import pytest

from conformance.deadlines import Deadlines
from conformance.projects.inventory import NOTHING, remove_new
from conformance.race.checkers import servers as must
from conformance.race.engine.caller import Caller
from conformance.race.engine.history import History, Record
from conformance.race.operations import servers
from conformance.race.operations.project_state import ProjectState
from conformance.target.soft_delete import ForcedDeletes
from conformance.tests.fake_account import TOPOLOGY, FakeAccount
from conformance.tests.gabbi_runs import Serve, run, states, write
from conformance.tests.test_race_servers import call, dismissed, listed, shown
from conformance.verdict.states import State
from conformance.waits import Wait, Waits

KEPT: dict[str, Any] = {"server": {"id": "s", "status": "SOFT_DELETED"}}
THERE, GONE = (200, KEPT), (404, {"itemNotFound": {"code": 404}})
POLL = """\
- name: first
  GET: {url}/server
  poll: {count: 300, delay: 1}
  status: 404
"""
SECONDS = 0.5


@pytest.mark.parametrize(
    ("answers", "forced"),
    [
        ([KEPT, KEPT], ["http://c/servers/s/action"]),
        ([{"server": {"status": "ACTIVE"}}], []),
        ([{"server": "gone"}, {"itemNotFound": {}}, None, [KEPT]], []),
    ],
)
def test_an_end_is_forced_once_and_only_of_what_is_kept(answers: list[Any], forced: list[str]) -> None:
    sent: list[str] = []
    deletes = ForcedDeletes(sent.append)
    for answer in answers:
        deletes.force_if_kept("http://c/servers/s", answer)
    assert sent == forced


def test_a_poll_for_a_server_to_be_gone_forces_its_end(tmp_path: Path, serve: Serve) -> None:
    script, context = serve(**{"server": [THERE, THERE, GONE], "server/action": [(202, "")]})
    write(tmp_path, "a.yaml", POLL)
    assert states(run(tmp_path, context)) == {"first": State.PASS}
    assert script.asked == ["server", "server/action", "server", "server"]


def test_a_poll_for_something_else_does_not(tmp_path: Path, serve: Serve) -> None:
    script, context = serve(**{"server": [THERE], "server/action": [(202, "")]})
    write(tmp_path, "a.yaml", POLL.replace("status: 404", "response_json_paths: {$.server.status: ACTIVE}"))
    assert states(run(tmp_path, context)) == {"first": State.INCONCLUSIVE}
    assert set(script.asked) == {"server"}


def test_a_project_is_emptied_of_what_is_kept() -> None:
    account: Any = FakeAccount(("soft",), **TOPOLOGY, servers={"s": "vm"})
    assert remove_new(account, NOTHING).remaining.empty
    assert not account.kept
    assert account.calls.count("POST http://c/v2.1/servers/s/action") == 1


def test_a_server_that_a_test_deleted_is_forced_too() -> None:
    account: Any = FakeAccount(("soft",), **TOPOLOGY)
    account.kept, account.owner = {"s"}, "s"
    assert remove_new(account, NOTHING).remaining.empty
    assert account.calls.count("POST http://c/v2.1/servers/s/action") == 1


def test_a_server_that_just_goes_costs_one_more_look() -> None:
    account: Any = FakeAccount(servers={"s": "vm"})
    assert remove_new(account, NOTHING).remaining.empty
    assert [item for item in account.calls if "servers/s" in item] == [
        "DELETE http://c/v2.1/servers/s",
        "GET http://c/v2.1/servers/s",
    ]


class Scripted(Caller):
    """Answers calls by a script; GETs of a server by its answers in turn, the last one repeated."""

    looks = (200, 200, 404)

    def call(self, operation: str, method: str, url: str, target: str = "", **arguments: Any) -> Record:
        number = sum(record.operation == servers.SHOW for record in self.history.records)
        status = self.looks[min(number, len(self.looks) - 1)] if operation == servers.SHOW else 202
        record = call(operation, status, target, answer=KEPT if status == 200 else None)
        self.history.add(record)
        return record


@pytest.mark.parametrize(("looks", "goes"), [((200, 200, 404), True), ((200,), False)])
def test_a_race_forces_it_once_and_tells_whether_it_went(tmp_path: Path, looks: tuple[int, ...], goes: bool) -> None:
    account: Any = FakeAccount()
    caller = Scripted(account, History(tmp_path / "h"), "r", SECONDS)
    object.__setattr__(caller, "looks", looks)
    assert servers.await_gone(caller, ["s"], Wait(Waits(Deadlines(server_build=SECONDS)), "server_build")) is goes
    operations = [record.operation for record in caller.history.records]
    assert operations.count(servers.FORCE_DELETE) == 1


LEFT = ProjectState([{"id": "n"}], [], [], [{"id": "p", "device_id": "a"}], [])


@pytest.mark.parametrize(
    ("history", "violations", "doubts"),
    [
        ([dismissed("a"), shown("a", ""), listed()], 1, 0),
        ([dismissed("a"), shown("a", "SOFT_DELETED"), listed()], 0, 1),
        ([dismissed("a"), shown("a", "ACTIVE"), listed("a")], 0, 1),
        ([dismissed("a"), shown("a", ""), listed("a")], 2, 0),
        ([dismissed("a", 409), shown("a", "ACTIVE"), listed("a")], 2, 0),
    ],
)
def test_a_server_still_being_deleted_is_a_doubt(history: list[Record], violations: int, doubts: int) -> None:
    assert len(must.no_server_is_left(history) + must.nothing_is_left(history, LEFT)) == violations
    assert len(must.not_gone({"r": history})) == doubts
