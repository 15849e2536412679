"""`gman run` refuses to begin: one line says what to change, and an earlier report stays."""

import errno
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from conformance.report import folder
from conformance.settings import UsageProblem
from conformance.tests.conftest import Gman
from conformance.tests.tiny_cloud import TinyCloud, running, serving
from conformance.tests.tiny_runs import ONE, RACING


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--cloud", "nowhere"], "cloud 'nowhere' was not found in "),
        (["--cloud", "tiny"], "cannot be reached: check auth_url in clouds.yaml"),
        (["--alt-cloud", "tiny"], "--alt-cloud goes with --cloud"),
        (["--admin-cloud", "tiny"], "--admin-cloud goes with --cloud"),
        (["--accounts", "a"], "--accounts goes with --cloud"),
        (["--cloud", "a", "--admin-cloud", "b", "--accounts", "c"], "give one of them"),
        (["--profile", "core,basic"], "'basic' is not one of core, compute"),
        (["-n", "many"], "'many' is not a number of processes"),
        (["--deadline", "lunch=60"], "there is no deadline 'lunch', only request"),
        (["--deadline", "request=0"], "0 is not between 0 and 300 seconds"),
        (["--deadline", "request=3600"], "3600 is not between 0 and 300 seconds"),
        (["--deadline", "request"], "'' is not a number of seconds"),
        (["--report", f"{__file__}/report"], "Not a directory: name another with --report DIR"),
        (["--nonsense"], "unrecognized arguments"),
        (["--cloud", ""], "--cloud is empty: give it a value, or leave it out"),
        (["--cloud", "tiny", "--accounts", ""], "--accounts is empty: give it a value, or leave it out"),
        (["--race-width", "1"], "'1' is not a whole number from 2 to 256"),
    ],
)
def test_invalid_input_is_one_line_and_exit_code_3(gman: Gman, arguments: list[str], says: str) -> None:
    code, printed = gman("run", *arguments)
    assert code == 3
    assert says in printed
    assert printed.count("\n") == 1


@pytest.mark.parametrize(
    ("faults", "arguments", "says"),
    [
        (["no-network"], [], "network service in One region not found: check region_name and interface"),
        (["cannot", "no-pool"], [], "no default subnet pool: openstack subnet pool create --share --default"),
        (
            ["cannot", "no-external"],
            [],
            "no default external network: openstack network set --external --default NETWORK",
        ),
        (["distrustful"], [], "the service has to trust Identity's tokens"),
        (
            ["silent"],
            ["--deadline", "request=0.2"],
            "no answer within 0.2 s: check the endpoint in the catalog, or give",
        ),
        (["not-empty"], [], "its project is not empty, it has 1 network: empty it"),
        ([], ["-k", "nosuchtest"], "no test is left of the selection: check -k"),
        ([], ["--accounts", "nowhere.yaml"], "accounts file nowhere.yaml: No such file or directory"),
        ([], ["--admin-cloud", "tiny"], "cloud 'tiny' is no administrator: "),
        ([], ["--waivers", "nowhere"], "waivers 'nowhere': no such file"),
    ],
)
def test_a_run_that_could_test_nothing_is_refused(
    gman: Gman, faults: list[str], arguments: list[str], says: str
) -> None:
    with running(*faults) as tiny:
        code, printed = gman("run", "--cloud", "tiny", *arguments, url=tiny.url)
        tiny.go_on.set()
    assert code == 3
    assert says in printed
    assert "Traceback" not in printed
    assert printed.count("'tiny'") <= 1, printed
    looks = "/v2.0/ports"  # the probe of an extension: a POST on a network that does not exist
    assert not any("POST /network" in request and looks not in request for request in tiny.requests)


@pytest.mark.parametrize("more", [[], ["--admin-cloud", "tiny"]])
def test_state_that_cannot_be_kept_is_one_line(
    gman: Gman, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: list[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    with running() as tiny:
        code, printed = gman("run", "--cloud", "tiny", *more, *ONE, url=tiny.url)
    assert (code, printed.count("\n")) == (3, 1), printed


def test_two_things_to_change_are_two_lines(gman: Gman) -> None:
    with running("cannot", "no-pool", "no-external") as tiny:
        code, printed = gman("run", "--cloud", "tiny", url=tiny.url)
    assert code == 3
    assert [line.split(": ")[:2] for line in printed.splitlines()] == [["gman", "cloud 'tiny'"]] * 2


def test_a_password_that_identity_sends_back_is_not_repeated(gman: Gman) -> None:
    echo = {"error": {"code": 400, "title": "Bad Request", "message": "no: wrong-horse-42, ZW5: d3JvbmctaG9yc2UtNDI="}}

    class Echo(TinyCloud):
        def sign_in(self, body: Any) -> tuple[int, Any]:
            return 400, echo

    with serving(cloud := Echo()) as cloud.url:
        code, printed = gman("doctor", "--cloud", "tiny", url=cloud.url, password="wrong-horse-42")
    assert (code, printed.count("\n")) == (3, 1)
    assert "no: ***" in printed
    assert "horse" not in printed
    assert "d3Jvbmct" not in printed


def test_a_wrong_password_is_not_repeated(gman: Gman) -> None:
    with running() as tiny:
        code, printed = gman("run", "--cloud", "tiny", url=tiny.url, password="wrong-horse-42")
    assert code == 3
    assert "user, password or project is wrong: check the auth section of clouds.yaml" in printed
    assert "wrong-horse-42" not in printed


def test_a_selection_that_pytest_does_not_understand(gman: Gman) -> None:
    with running() as tiny:
        code, printed = gman("run", "--cloud", "tiny", "-k", "(", url=tiny.url)
    assert code == 3
    assert "Traceback" not in printed


@pytest.mark.parametrize("refused", [["-k", "nosuchtest"], ["--cloud", "nowhere"], ["--waivers", "nowhere"]])
def test_a_run_that_is_refused_leaves_the_report_before_it(gman: Gman, tmp_path: Path, refused: list[str]) -> None:
    with running() as tiny:
        gman("run", "--cloud", "tiny", *RACING, url=tiny.url)
        foreign = tmp_path / "report" / "notes.txt"
        foreign.write_text("not ours")
        before = {path: path.read_bytes() for path in (tmp_path / "report").rglob("*") if path.is_file()}
        assert gman("run", "--cloud", "tiny", *refused, url=tiny.url)[0] == 3
    after = {path: path.read_bytes() for path in (tmp_path / "report").rglob("*") if path.is_file()}
    assert after == before
    assert foreign in after


def test_a_refused_first_run_keeps_the_log_that_the_refusal_names(tmp_path: Path) -> None:
    def refused(log: str) -> None:
        with folder.replacing(tmp_path):
            (tmp_path / folder.LOG).write_text(log)
            (tmp_path / folder.JSON).touch()
            raise UsageProblem

    for log in ("the first", "the second"):
        with pytest.raises(UsageProblem):
            refused(log)
        assert [path.name for path in tmp_path.iterdir()] == [folder.LOG]
        assert (tmp_path / folder.LOG).read_text() == log


def test_two_runs_do_not_write_one_report(tmp_path: Path) -> None:
    (tmp_path / folder.JSON).write_text("the one before")
    with folder.replacing(tmp_path):
        (tmp_path / folder.JSON).write_text("of the first")
        with pytest.raises(UsageProblem, match=r"another run writes its report to .*: wait for its end, or"):
            folder.replacing(tmp_path).__enter__()
    assert [path.name for path in tmp_path.iterdir()] == [folder.JSON]
    assert (tmp_path / folder.JSON).read_text() == "of the first"
    with folder.replacing(tmp_path):
        pass


def test_a_disk_that_is_full_is_one_line_and_keeps_the_report_before(
    gman: Gman, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "report.json").write_text("the one before")
    monkeypatch.setattr(
        "conformance.report.files.write", Mock(side_effect=OSError(errno.ENOSPC, "No space left on device"))
    )
    with running() as tiny:
        code, printed = gman("run", "--cloud", "tiny", *ONE, url=tiny.url)
        assert "DELETE /network/v2.0/auto-allocated-topology" in "".join(tiny.requests)
    assert code == 3
    assert f"gman: cannot write to {tmp_path / 'report'}" in printed
    assert printed.strip().endswith("No space left on device: make room there, or name another with --report DIR")
    assert (tmp_path / "report" / "report.json").read_text() == "the one before"
