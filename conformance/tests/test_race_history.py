"""Histories written, read back and merged."""

import json
import threading
from pathlib import Path

import pytest

from conformance.race.engine.history import History, Record, read, reduced


def test_a_history_reads_back_as_it_was_written(tmp_path: Path) -> None:
    history = History.within(tmp_path / "races", "topology", "run")
    history.add(Record("one", "get_topology", "p", 2.0, completed=3.0, status=200, answer={"id": "n"}))
    history.add(Record("one", "get_topology", "p", 1.0, volley=True, lost="no complete answer within 5 s"))
    assert [record.invoked for record in history.records] == [1.0, 2.0]
    assert read([history.path]) == history.records
    assert len(history.path.read_text().splitlines()) == 2


def test_a_run_replaces_what_earlier_runs_left_of_the_same_race(tmp_path: Path) -> None:
    histories = [History.within(tmp_path, race, run) for race, run in [("boot", "a"), ("topology", "a"), ("boot", "b")]]
    for history in histories:
        history.add(Record("one", "get_topology", "p", 1.0))
    again = History.within(tmp_path, "boot", "b")
    assert again.path == histories[2].path
    assert set(tmp_path.iterdir()) == {histories[1].path, histories[2].path}


def test_histories_of_several_workers_and_hosts_merge(tmp_path: Path) -> None:
    lines = {"a": [("h2", 1.0), ("h1", 5.0)], "b": [("h1", 4.0)]}
    for name, records in lines.items():
        history = History(tmp_path / f"{name}.ndjson")
        for host, at in records:
            history.add(Record("one", "get_topology", "p", at, host=host, worker=name))
    merged = read(sorted(tmp_path.iterdir()))
    assert [(record.host, record.invoked, record.worker) for record in merged] == [
        ("h1", 4.0, "b"),
        ("h1", 5.0, "a"),
        ("h2", 1.0, "a"),
    ]


def test_threads_do_not_tear_each_others_lines(tmp_path: Path) -> None:
    history = History(tmp_path / "h.ndjson")

    def write(number: int) -> None:
        for _ in range(50):
            history.add(Record(f"race {number}", "get_topology", "p", float(number), answer={"id": "x" * 500}))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read([history.path])) == 200


LATE = json.dumps({"race": "one", "operation": "get", "project": "p", "invoked": "late"})


@pytest.mark.parametrize("line", ["{", "[]", '{"race": "one"}', json.dumps({"nonsense": 1}), "null", LATE, "[" * 9999])
def test_a_line_that_is_no_record_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "h.ndjson"
    History(path).add(Record("one", "get_topology", "p", 1.0))
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(ValueError, match=r"h\.ndjson:2: not a record of a race"):
        read([path])


def test_histories_keep_only_members_that_are_judged() -> None:
    addresses = {"net": [{"ip_address": "10.0.0.5", "mac": "m"}]}
    answer = {"server": {"id": "s", "adminPass": "secret", "addresses": addresses}}
    assert reduced(answer) == {"server": {"id": "s", "addresses": {"net": [{"ip_address": "10.0.0.5"}]}}}
    assert reduced(None) is None


@pytest.mark.parametrize(
    ("status", "completed", "ok", "ended"),
    [(200, 2.0, True, 2.0), (409, 2.0, False, 2.0), (None, None, False, float("inf"))],
)
def test_how_a_call_ended(status: int | None, completed: float | None, ok: bool, ended: float) -> None:
    record = Record("one", "get_topology", "p", 1.0, completed=completed, status=status)
    assert (record.ok, record.ended) == (ok, ended)
