"""Waits: after a deadline was missed several times, later waits for it are short, in all processes of a run."""

from pathlib import Path

import pytest

from conformance.deadlines import Deadlines, shortest
from conformance.target.deletion import TASK, why_it_stays
from conformance.waits import ENOUGH, Waits

HOUR = 3600.0


def missed(waits: Waits, name: str = "server_build", times: int = ENOUGH) -> None:
    for _ in range(times):
        waits.missed(name, waits.seconds(name))


def test_a_wait_is_as_long_as_its_deadline_until_that_was_missed_often_enough() -> None:
    waits = Waits(Deadlines(server_build=100))
    missed(waits, times=ENOUGH - 1)
    assert waits.seconds("server_build") == 100
    missed(waits, times=1)
    assert waits.seconds("server_build") == shortest("server_build") < 100
    assert waits.seconds("settle") == Deadlines().settle


def test_later_waits_last_twice_the_longest_success() -> None:
    waits = Waits(Deadlines(server_build=100))
    for seconds in (20.0, 0.1):
        waits.took("server_build", seconds)
    missed(waits)
    assert waits.seconds("server_build") == 40
    waits.took("server_build", 60)
    assert waits.seconds("server_build") == 100


def test_processes_share_what_they_know(tmp_path: Path) -> None:
    one, other = (Waits(Deadlines(), tmp_path / "waits") for _ in range(2))
    other.took("settle", 0.1)  # changes nothing, so there is no note
    assert not (tmp_path / "waits").exists()
    other.took("settle", 4.0)
    missed(one, "settle", 1)
    missed(other, "settle", 1)
    assert one.seconds("settle") == other.seconds("settle") == 8


def test_waits_work_with_a_full_disk(tmp_path: Path) -> None:
    full = Waits(Deadlines(), Path("/dev/full"))
    missed(full, "settle")
    assert full.seconds("settle") == shortest("settle")
    (tmp_path / "waits").write_text('["settle", "mis["settle","missed",60]\n[]\nnull\n["settle","missed",60]\n')
    waits = Waits(Deadlines(), tmp_path / "waits")
    missed(waits, "settle", ENOUGH - 1)
    assert waits.seconds("settle") == shortest("settle")


def test_the_folder_of_the_report_need_not_be_there_yet(tmp_path: Path) -> None:
    waits = Waits(Deadlines(), tmp_path / "report" / "waits")
    missed(waits, "settle")
    assert waits.seconds("settle") == shortest("settle")


def test_a_wait_in_vain_is_noted_and_one_that_ends_early_is_not() -> None:
    waits = Waits(Deadlines(settle=0.05))
    for _ in waits.attempts("settle"):
        break
    assert waits.notes() == []
    for _ in range(ENOUGH):
        assert list(waits.attempts("settle"))
    assert waits.seconds("settle") == 0.05  # shorter than the rest of a longer wait


def test_a_wait_that_others_have_missed_meanwhile_ends() -> None:
    waits = Waits(Deadlines(server_build=HOUR))
    attempts = waits.attempts("server_build")
    next(attempts)
    missed(waits)
    assert max(attempts, default=0.0) <= shortest("server_build")
    [note] = waits.notes()
    assert note.startswith("server_build: 2 waits of 3600 s were in vain, and 1 later wait was cut short")
    before = "2 such waits of 3600 s were in vain before; more time is --deadline server_build=SECONDS"
    assert waits.in_vain("server_build", 1.0) == f"not within 1.0 s ({before})"
    assert waits.in_vain("server_build", HOUR) == "not within 3600 s"
    assert waits.in_vain("settle", 60) == "not within 60 s"


@pytest.mark.parametrize(
    ("status", "server", "stays"),
    [
        (404, None, False),
        (200, {"status": "ACTIVE", TASK: "deleting"}, False),
        (200, {"status": "ACTIVE"}, False),  # without a task state
        (200, {"status": "SOFT_DELETED", TASK: None}, False),
        (200, {"status": "BUILD", TASK: None}, False),
        (200, {"status": "ERROR", TASK: "deleting"}, False),
        (429, None, False),
        (503, None, False),
        (None, None, False),
        (200, {"status": "ACTIVE", TASK: None}, True),
        (200, {"status": "ERROR", TASK: None}, True),
        (403, None, True),
        (410, None, True),
    ],
)
def test_answers_after_a_delete(status: int, server: object, stays: bool) -> None:
    assert bool(why_it_stays(status, {"server": server})) is stays
