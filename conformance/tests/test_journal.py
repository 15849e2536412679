"""Journals in the states in which crashes leave them: cut off, damaged, of another cloud, naming foreign projects."""

import json
import os
import random
from pathlib import Path
from typing import Any

import pytest

from conformance.projects.journal import Journal
from conformance.projects.scratch import TAG
from conformance.settings import UsageProblem
from conformance.tests.conftest import Gman
from conformance.tests.mistakes import changed
from conformance.tests.tiny_cloud import PASSWORD, Reply, TinyCloud, serving

OURS, THEIRS = "gman-0123abcd-1", "gman-0123abcd-2"


def made(name: str, cloud: str = "http://c") -> str:
    return json.dumps({"made": name, "cloud": cloud}) + "\n"


def test_a_line_that_was_cut_off_is_as_if_never_written(tmp_path: Path) -> None:
    (tmp_path / "j.ndjson").write_text(made("a") + made("b")[:-9])
    journal = Journal(tmp_path / "j.ndjson")
    assert (journal.names(), journal.damaged) == (["a"], [])


@pytest.mark.parametrize("cut", [made("b")[:-9], "", "x" * 70_000])
def test_what_follows_a_line_that_was_cut_off_is_a_line_of_its_own(tmp_path: Path, cut: str) -> None:
    (tmp_path / "j.ndjson").write_text(made("a") + cut)
    journal = Journal(tmp_path / "j.ndjson", "http://c")
    journal.note("gone", "a")
    assert (journal.names(), len(journal.damaged)) == ((["a"], 1) if len(cut) > 1000 else ([], 0))
    journal.close()
    assert (tmp_path / "j.ndjson").exists() is (len(cut) > 1000)


def test_a_line_that_a_full_disk_cuts_off_is_no_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.projects.journal.os.write", lambda _handle, line: len(line) - 1)
    with pytest.raises(UsageProblem, match="No space left on device"):
        Journal(tmp_path / "j.ndjson").note("made", "a")


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "null",
        "[" * 500,
        "{}",
        '{"made": "a"}',
        '{"made": ["a"], "cloud": "http://c"}',
        '{"made": "a", "gone": "a", "cloud": "http://c"}',
        '{"defaults": {"networks": "a"}, "cloud": "http://c"}',
        '{"defaults": [], "cloud": "http://c"}',
        '{"restored": "yes", "cloud": "http://c"}',
    ],
)
def test_invalid_lines_are_named_and_the_others_count(tmp_path: Path, line: str) -> None:
    (tmp_path / "j.ndjson").write_text(made("a") + line + "\n" + made("b"))
    journal = Journal(tmp_path / "j.ndjson")
    assert (journal.names(), journal.defaults, journal.damaged) == (["a", "b"], None, [2])
    journal.close()
    assert (tmp_path / "j.ndjson").exists()


@pytest.mark.parametrize("content", [b"\xff\n", b"\n" * (4 * 1024 * 1024 + 1), None])
def test_an_unreadable_file_is_refused_in_one_line(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "j.ndjson"
    path.write_bytes(content) if content else os.mkfifo(path)
    with pytest.raises(UsageProblem, match=r"^journal .*j.ndjson: [^\n]*$"):
        Journal(path).names()


@pytest.mark.parametrize("seed", range(100))
def test_the_valid_lines_of_a_damaged_journal_are_read(tmp_path: Path, seed: int) -> None:
    lines = [json.loads(made("a")), json.loads(made("b")), {"gone": "a", "cloud": "c"}]
    lines += [{"defaults": {"networks": ["n"]}, "cloud": "c"}]
    (tmp_path / "j.ndjson").write_text("".join(f"{json.dumps(line)}\n" for line in changed(lines, random.Random(seed))))
    journal = Journal(tmp_path / "j.ndjson")
    assert set(journal.names()) <= {"a", "b", "", "x", "\ud800\x1b[2J"}
    assert isinstance(journal.defaults, dict | None)


def test_a_pipe_in_place_of_a_journal_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.ndjson")
    (tmp_path / "folder.ndjson").mkdir()
    (tmp_path / "folder.ndjson" / "below").touch()
    assert not any(Journal(tmp_path / f"{name}.ndjson").in_use for name in ("pipe", "folder", "missing"))
    with pytest.raises(UsageProblem, match=r"a\.ndjson: Not a directory"):
        print(Journal(tmp_path / "folder.ndjson" / "below" / "a.ndjson").in_use)


class Keeper(TinyCloud):
    """An administrator's cloud with two projects, one of which no run has made."""

    def __init__(self) -> None:
        super().__init__()
        self.deleted: list[str] = []

    def sign_in(self, body: Any) -> Reply:
        """Whoever it is, with whatever password."""
        body["auth"]["identity"]["password"]["user"]["password"] = PASSWORD
        return super().sign_in(body)

    def reply(self, method: str, path: str, query: dict[str, list[str]], body: Any, environ: dict[str, Any]) -> Reply:
        kind = path.rpartition("/")[2]
        if not path.startswith("/identity/v3/") or path.endswith("/tokens"):
            return super().reply(method, path, query, body, environ)
        if method == "DELETE":
            self.deleted.append(path)
            return 204, None
        if kind == "projects" and query.get("name", [""])[0] in (OURS, THEIRS):
            [name] = query["name"]
            return 200, {"projects": [{"id": name, "name": name, "tags": [TAG] if name == OURS else []}]}
        if kind == "roles":
            return 200, {"roles": [{"id": "m", "name": "member"}]}
        return (201, {"user": {"id": "sweeper"}}) if method == "POST" else (200 if method == "GET" else 204, {kind: []})


def test_the_sweep_skips_foreign_projects_and_goes_on(gman: Gman, tmp_path: Path) -> None:
    runs = tmp_path / "state" / "get-me-a-network" / "runs"
    runs.mkdir(parents=True)
    cloud = Keeper()
    with serving(cloud) as cloud.url:
        identity = f"{cloud.url}/identity/v3"
        (runs / "0-damaged.ndjson").write_text("{\n")
        (runs / "1-binary.ndjson").write_bytes(b"\xff\n")
        (runs / "2-elsewhere.ndjson").write_text(made(OURS, "http://other\x1b[2J\ud800"))
        (runs / "2-folder.ndjson").mkdir()
        os.mkfifo(runs / "2-pipe.ndjson")
        names = [THEIRS, "admin", "../users/u", OURS]
        (runs / "3-ours.ndjson").write_text("".join(made(name, identity) for name in names) + made("x")[:5])
        code, printed = gman("sweep", "--cloud", "tiny", "--admin-cloud", "tiny", url=cloud.url)
    assert code == 1
    assert "Traceback" not in printed
    assert "run 2-elsewhere was against http://other\\x1b[2J\\ud800: left alone" in printed
    assert "2-folder.ndjson: Is a directory" in printed
    assert "2-pipe.ndjson: not a regular file" in printed
    assert "3-ours.ndjson: " not in printed
    for name in (THEIRS, "admin", "../users/u"):
        assert f"left: project {name}: it is not tagged {TAG}, as projects of runs are: left alone" in printed
    assert "0-damaged.ndjson: 1 lines do not belong to a journal (1)" in printed
    assert "1-binary.ndjson: not text in UTF-8" in printed
    assert [path for path in cloud.deleted if "projects" in path] == [f"/identity/v3/projects/{OURS}"]
