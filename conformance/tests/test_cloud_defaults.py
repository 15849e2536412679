"""The cloud's defaults are restored after any change, by the run or by the process that finishes for it."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from fixtures import MultipleExceptions

from conformance.coverage import requirement_tests
from conformance.deadlines import Deadlines
from conformance.gabbi import files as gabbi_files
from conformance.projects import cloud_defaults
from conformance.projects.cloud_defaults import KeptDefaults, restore, restore_from_journal
from conformance.projects.journal import Journal
from conformance.run import session
from conformance.target.cloud import ApiError
from conformance.verdict import classify
from conformance.verdict.states import State

BEFORE = {"networks": ["public"], "subnetpools": ["four", "six"]}


class Administrator:
    """Networking with external networks and pools, of which one may be the default; `stuck` cannot be set."""

    endpoints = SimpleNamespace(network="http://n")
    deadlines = Deadlines(settle=0.2, lease=0.2)

    def __init__(self, stuck: str = "") -> None:
        self.stuck = stuck
        self.default = {"public": True, "other": False, "four": True, "six": True, "new": False}
        self.kinds = {"networks": ["public", "other"], "subnetpools": ["four", "six", "new"]}
        self.changes: list[tuple[str, bool]] = []

    def call(self, method: str, url: str, json: Any = None) -> Any:
        kind, *rest = urlsplit(url).path.removeprefix("/v2.0/").split("/")
        if method == "GET":
            return {kind: [{"id": id_, "is_default": self.default[id_]} for id_ in self.kinds[kind]]}
        [id_] = rest
        [body] = json.values()
        expected = body["is_default"]
        others = {"public": "other", "other": "public", "four": "new", "new": "four"}
        if id_ == self.stuck or (expected and self.default.get(others.get(id_, ""), False)):
            raise ApiError(f"PUT {url} answered 409", 409)
        self.changes.append((id_, expected))
        self.default[id_] = expected
        return json


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "run.ndjson", "http://cloud")


def kept(admin: Any, journal: Journal, tmp_path: Path, leaks: list[str]) -> KeptDefaults:
    return KeptDefaults(admin, journal, tmp_path / "defaults.lock", leaks.append)


@pytest.mark.parametrize(
    ("now", "changes"),
    [
        ({}, []),
        ({"public": False}, [("public", True)]),
        ({"public": False, "other": True}, [("other", False), ("public", True)]),
        ({"four": False, "new": True, "six": False}, [("new", False)]),
    ],
)
def test_changed_defaults_are_restored(
    journal: Journal, tmp_path: Path, now: dict[str, bool], changes: list[tuple[str, bool]]
) -> None:
    """New defaults are unset first, since there can be only one; unchanged ones are not touched."""
    admin, leaks = Administrator(), list[str]()
    with kept(admin, journal, tmp_path, leaks):
        admin.default.update(now)
        assert journal.defaults == BEFORE
    assert cloud_defaults.read(admin) == BEFORE  # type: ignore[arg-type]
    assert admin.changes[: len(changes)] == changes
    assert leaks == []
    assert journal.defaults is None


def test_defaults_are_restored_after_a_broken_test(journal: Journal, tmp_path: Path) -> None:
    admin = Administrator()

    def broken() -> None:
        with kept(admin, journal, tmp_path, []):
            admin.default["public"] = False
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert admin.default["public"]


def test_defaults_that_cannot_be_restored_are_reported_and_stay_in_the_journal(
    journal: Journal, tmp_path: Path
) -> None:
    admin, leaks = Administrator(stuck="public"), list[str]()
    with kept(admin, journal, tmp_path, leaks):
        admin.default["public"] = False
    [line] = leaks
    assert "the cloud's defaults could not be restored to" in line
    assert "answered 409" in line
    assert journal.defaults == BEFORE
    journal.close()
    assert journal.defaults == BEFORE  # the file is kept
    admin.stuck = ""
    assert restore_from_journal(admin, journal) == []  # type: ignore[arg-type]
    assert admin.default["public"]
    journal.close()
    assert journal.clouds == set()


def test_an_empty_journal_restores_nothing(journal: Journal) -> None:
    admin = Administrator()
    assert restore_from_journal(admin, journal) == []  # type: ignore[arg-type]
    assert admin.changes == []


def test_two_runs_do_not_change_them_at_once(journal: Journal, tmp_path: Path) -> None:
    admin = Administrator()
    with kept(admin, journal, tmp_path, []), pytest.raises(MultipleExceptions) as refused:
        kept(admin, journal, tmp_path, []).setUp()
    assert classify.state_of(refused.value) == (
        State.INCONCLUSIVE,
        "another run kept the cloud's defaults changed for 0.2 s",
    )


def test_a_restore_ends(journal: Journal) -> None:
    assert restore(Administrator(stuck="public"), {**BEFORE, "networks": []})  # type: ignore[arg-type]


def test_tests_that_change_the_defaults_come_last_and_alone() -> None:
    operators = [folder / session.OPERATOR for folder in (gabbi_files.folder(), requirement_tests.CONNECTIVITY)]
    others, alone = session._parts(4, operators_last=True)
    assert (alone, others[1]) == ((operators, 0), 4)
    assert not set(operators) & set(others[0])
    for number, may_change in ((0, True), (0, False), (4, False)):
        [(folders, processes)] = session._parts(number, operators_last=may_change)
        assert (folders[-2:], processes) == (operators, number)
        assert set(folders) == {*others[0], *operators}
        assert folders[0] == requirement_tests.STRESS


def test_all_tests_that_change_the_defaults_are_in_the_folder_that_runs_alone() -> None:
    for gabbi_file in gabbi_files.installed():
        changing = "CloudDefaults" in gabbi_file.fixtures
        assert changing == ("disruptive" in gabbi_file.requires), gabbi_file.id
        assert not changing or gabbi_file.path.parent.name == session.OPERATOR, gabbi_file.id
