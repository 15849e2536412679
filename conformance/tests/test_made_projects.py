"""Projects that a run makes: emptied beside the tests and used again, some with a topology as it was built."""

import threading
from functools import partial
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest

from conformance.projects.inventory import take_inventory
from conformance.projects.leases import Lease, Project
from conformance.projects.made import MadeProjects
from conformance.settings import UsageProblem
from conformance.target.cloud import ApiError
from conformance.tests.fake_account import FakeAccount
from conformance.verdict import classify
from conformance.verdict.signals import TestEnded
from conformance.verdict.states import State


def clean() -> bool:
    return True


class FakeScratch:
    """Makes projects p0, p1, ..."""

    def __init__(self) -> None:
        self.made = 0

    def make(self) -> Any:
        name = f"p{self.made}"
        self.made += 1
        member, reader = (lambda: FakeAccount(project=name),) * 2
        return SimpleNamespace(member=member, reader=reader)

    def delete(self) -> list[str]:
        return ["left"]

    def sweep(self) -> list[str]:
        return ["swept"]


def test_made_projects_are_used_again_when_clean() -> None:
    scratch: Any = FakeScratch()
    source = MadeProjects(scratch)
    [first] = source.acquire(1)
    source.release(first, clean)
    source.settle()
    [again] = source.acquire(1)
    assert again is first
    source.release(again, lambda: False)
    source.settle()
    assert [project.id for project in source.acquire(2)] == ["p1", "p2"]
    assert source.any_project().id == source.any_project().id == "p3"
    assert (source.close(), source.finish(cut_short=False)) == (["left"], ["swept"])


def test_a_made_project_is_emptied_beside_the_next_test() -> None:
    scratch: Any = FakeScratch()
    source = MadeProjects(scratch)
    gate, seconds = threading.Event(), 10
    first, second = source.acquire(1) + source.acquire(1)
    source.release(first, lambda: gate.wait(seconds))
    [other] = source.acquire(1)  # comes back, though nothing has been emptied
    assert other.id == "p2"
    source.release(second, clean)
    gate.set()
    source.settle()
    assert {project.id for project in source.acquire(2)} == {"p0", "p1"}


def test_no_more_than_one_project_waits_to_be_emptied() -> None:
    scratch: Any = FakeScratch()
    source = MadeProjects(scratch)
    done: list[str] = []

    def emptied(project: Project) -> bool:
        done.append(project.id)
        return True

    for project in source.acquire(3):
        source.release(project, partial(emptied, project))
    source.acquire(1)
    assert done[:2] == ["p0", "p1"]


def test_errors_while_a_project_is_emptied_are_reported() -> None:
    scratch: Any = FakeScratch()
    source = MadeProjects(scratch)
    source.release(source.acquire(1)[0], lambda: bool(1 / 0))
    with pytest.raises(ZeroDivisionError):
        source.close()


def test_a_made_project_has_one_reader_whoever_leases_it() -> None:
    scratch: Any = FakeScratch()
    source = MadeProjects(scratch)
    [first] = source.acquire(1)
    assert first.reader is not None
    reader = first.reader()
    source.release(first, clean)
    source.settle()
    [again] = source.acquire(1)
    assert again.reader is not None
    assert again.reader() is reader


def test_made_projects_are_looked_at_as_a_whole_before_they_go() -> None:
    scratch: Any = FakeScratch()
    source = MadeProjects(scratch)
    with Lease(source, lambda line: pytest.fail(line)) as lease:
        account: Any = lease.projects[0].account
        account.holds["security-groups"]["forgotten"] = "group"
    source.settle()
    assert not take_inventory(account).empty
    assert source.close() == ["left"]
    assert take_inventory(account).empty


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ApiError("POST /v3/users answered 409", 409), State.ERROR),
        (UsageProblem("no role"), State.ERROR),
        (ApiError("POST /v3/users: Unreachable"), State.INCONCLUSIVE),  # as everything that is not answered
    ],
)
def test_a_project_that_cannot_be_made_says_nothing_of_the_cloud(error: Exception, expected: State) -> None:
    scratch: Any = SimpleNamespace(make=Mock(side_effect=error))
    with pytest.raises(TestEnded) as failed:
        MadeProjects(scratch).acquire(1)
    state, reason = classify.state_of(failed.value)
    assert (state, reason) == (expected, f"the run could not make another project and its user: {error}")
