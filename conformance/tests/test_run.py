"""`gman run` against a tiny cloud: what it refuses to begin, how it ends, and what it leaves on disk."""

import errno
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock
from xml.etree import ElementTree as ET

import pytest
import yaml

from conformance import USER_AGENT
from conformance.coverage import requirement_tests
from conformance.deadlines import attempts
from conformance.gabbi.every_response import REQUEST_ID
from conformance.report import folder
from conformance.report.events import Log
from conformance.run import session
from conformance.schema import complaint
from conformance.settings import UsageProblem
from conformance.tests.conftest import Gman
from conformance.tests.gabbi_runs import Serve, write
from conformance.tests.gabbi_runs import run as gabbi_run
from conformance.tests.tiny_cloud import PASSWORD, TOKEN, TinyCloud, running, serving, write_clouds

ONE = ["-k", "topology-get.yaml"]
RACING = ["-k", "topology-get.yaml or test_topology_race", "--race-width", "2", "--race-rounds", "1"]
RACING += ["--profile", "core,race", "--deadline", "race=2", "--deadline", "settle=1"]


IN_PASSING = ("N-OBJ-001", "N-OBJ-010", "N-OBJ-011", "N-OBJ-013")  # in every answer that shows an object
RACED = ("N-AAT-040", "N-AAT-041", "N-AAT-042", "N-AAT-077")  # by that race, as a whole


def report(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "report" / "report.json").read_text())
    return found


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
        (["--race-width", "1"], "'1' is not a whole number from 2 to 256"),
    ],
)
def test_a_mistake_in_what_was_given_is_one_line_and_exit_3(gman: Gman, arguments: list[str], says: str) -> None:
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
def test_a_run_without_a_point_does_not_begin(gman: Gman, faults: list[str], arguments: list[str], says: str) -> None:
    with running(*faults) as tiny:
        code, printed = gman("run", "--cloud", "tiny", *arguments, url=tiny.url)
        tiny.go_on.set()
    assert code == 3
    assert says in printed
    assert "Traceback" not in printed
    looks = "/v2.0/ports"  # that a cloud is asked for on no network, to see whether it knows an extension
    assert not any("POST /network" in request and looks not in request for request in tiny.requests)


def test_two_things_to_change_are_two_lines(gman: Gman) -> None:
    with running("cannot", "no-pool", "no-external") as tiny:
        code, printed = gman("run", "--cloud", "tiny", url=tiny.url)
    assert code == 3
    assert [line.split(":")[0] for line in printed.splitlines()] == ["gman", "gman"]


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


def test_a_right_answer_is_a_pass_and_the_rest_was_not_selected(gman: Gman, tmp_path: Path) -> None:
    with running() as tiny:
        code, printed = gman("run", "--cloud", "tiny", *ONE, url=tiny.url)
    assert (code, "partial after" in printed) == (0, True)
    found = report(tmp_path)
    states = {line["id"]: line["state"] for line in found["requirements"]}
    assert {id_ for id_, state in states.items() if state == "pass"} == {"N-AAT-001", "N-ERR-017", *IN_PASSING}
    assert set(states.values()) == {"pass", "not-claimed"}
    assert found["leaks"] == []
    assert tiny.network is None


@pytest.mark.parametrize("processes", [0, 2])
def test_a_run_tells_how_it_goes_and_ends_with_what_was_asked_for(gman: Gman, tmp_path: Path, processes: int) -> None:
    with running("broken") as tiny:
        _code, printed = gman(
            "run", "--cloud", "tiny", "-v", "-n", str(processes), "--requirement", "N-AAT-001", url=tiny.url
        )
    assert re.search(r"^fail N-AAT-001: .+\nReport: ", printed, re.MULTILINE)
    events = [json.loads(line) for line in (tmp_path / "report/events.ndjson").read_text().splitlines()]
    [total] = [event["total"] for event in events if event["event"] == "tests-collected"]
    started = [event["id"] for event in events if event["event"] == "test-started"]
    assert total == len(started) > 0
    assert set(started) <= {event["id"] for event in events if event["event"] == "test-ended"}
    for test in started:
        assert re.search(rf"^\w+ {re.escape(test)}", printed, re.MULTILINE), test


def test_a_quiet_run_says_what_it_came_to_and_nothing_before(gman: Gman) -> None:
    with running("broken") as tiny:
        _code, printed = gman("run", "--cloud", "tiny", "--quiet", "--color", "always", *ONE, url=tiny.url)
    assert printed.startswith("\x1b[31mfail\x1b[0m ")
    assert printed.count("Target: ") == 1


def test_the_report_keeps_to_its_schema_and_needs_nothing_else(gman: Gman, tmp_path: Path) -> None:
    with running("broken") as tiny:
        code, _ = gman("run", "--cloud", "tiny", *ONE, url=tiny.url)
    assert code == 1
    assert complaint("report", report(tmp_path)) == ""
    page = (tmp_path / "report" / "report.html").read_text()
    assert "<script" not in page
    assert "http-equiv" not in page
    assert "X-Auth-Token: $OS_TOKEN" in page


def test_every_call_says_who_asks_and_what_for(gman: Gman) -> None:
    """Those of sign-ins, gabbi files, races and clean-ups alike."""
    with running() as tiny:
        gman("run", "--cloud", "tiny", *RACING, url=tiny.url)
    ids = [id_ for _agent, id_ in tiny.askers]
    assert {agent.partition(" ")[0] for agent, _id in tiny.askers} == {USER_AGENT}
    assert all(REQUEST_ID.fullmatch(id_) for id_ in ids)
    assert len(set(ids)) == len(ids)
    asking = dict(zip(reversed(tiny.requests), reversed(tiny.askers), strict=True))  # the first of each kind
    assert asking["POST /identity/v3/auth/tokens"][0] == USER_AGENT
    agents = {agent for agent, _id in tiny.askers}
    assert {f"{USER_AGENT} (N-AAT-001)", f"{USER_AGENT} ({', '.join(RACED)})"} <= agents


def test_no_secret_is_printed_or_kept(gman: Gman, tmp_path: Path) -> None:
    """In no file of any kind, however deep: a race keeps its calls in a folder below the report."""
    with running("broken") as tiny:
        code, printed = gman("run", "--cloud", "tiny", *RACING, url=tiny.url)
    assert code == 1
    folders = (tmp_path / "report", tmp_path / "state")
    kept = {path: path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}
    assert {path.suffix for path in kept} >= {".html", ".json", ".ndjson", ".xml"}
    assert all(content for path, content in kept.items() if path.suffix != ".lock")
    texts = {"printed": printed.encode(), **{path.name: content for path, content in kept.items()}}
    assert [name for name, text in texts.items() if any(secret.encode() in text for secret in (PASSWORD, TOKEN))] == []


def test_junit_tells_failures_and_skips_apart_and_names_requirements(gman: Gman, tmp_path: Path) -> None:
    with running("broken") as tiny:
        gman("run", "--cloud", "tiny", *ONE, url=tiny.url)
    cases = ET.parse(tmp_path / "report" / "junit.xml").getroot().findall(".//testcase")[:-1]  # not that of the run
    by_state = {case.find("properties/property[@name='state']").get("value"): case for case in cases}  # type: ignore[union-attr]
    assert set(by_state) == {"pass", "fail", "blocked"}
    assert by_state["fail"].find("failure") is not None
    assert by_state["blocked"].find("skipped") is not None
    named = by_state["fail"].findall("properties/property[@name='requirement']")
    assert "N-AAT-001" in [entry.get("value") for entry in named]


@pytest.mark.parametrize(
    ("fault", "red"),
    [("broken", {"N-AAT-001"}), ("cannot", {"N-AAT-001"}), ("no-request-id", {"N-ERR-017"})],
)
def test_a_wrong_cloud_fails_and_does_not_hide_behind_its_set_up(
    gman: Gman, tmp_path: Path, fault: str, red: set[str]
) -> None:
    with running(fault) as tiny:
        code, printed = gman("run", "--cloud", "tiny", *ONE, url=tiny.url)
    assert code == 1
    assert "failed after" in printed
    assert {line["id"] for line in report(tmp_path)["requirements"] if line["state"] == "fail"} == red
    assert all(f"fail {id_} MUST: " in printed for id_ in red)


WAIVER = '[{requirement: N-AAT-001, reason: known, owner: we, link: "https://example.org/1", expires: 2999-01-01}]'


@pytest.mark.parametrize(("faults", "code", "state"), [(["broken"], 1, "waived"), ([], 1, "pass")])
def test_a_waiver_covers_a_failure_and_fails_the_run_when_there_is_none(
    gman: Gman, tmp_path: Path, faults: list[str], code: int, state: str
) -> None:
    """Nothing passes on the broken cloud, so that even waived it does not conform."""
    waivers = tmp_path / "waivers.yaml"
    waivers.write_text(WAIVER)
    with running(*faults) as tiny:
        ended, printed = gman("run", "--cloud", "tiny", "--waivers", str(waivers), *ONE, url=tiny.url)
    found = report(tmp_path)
    assert {line["state"] for line in found["requirements"] if line["id"] == "N-AAT-001"} == {state}
    assert bool(found["stale"]) is (state == "pass")
    assert ("no longer fails: remove the waiver" in printed) is (state == "pass")
    assert (ended, found["verdict"]) == ((code, "failed") if state == "pass" else (0, "partial"))


def test_the_cloud_of_the_environment_is_used(gman: Gman, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OS_CLOUD", "nowhere")
    assert "was not found in " in gman("run")[1]


def test_version_and_help(gman: Gman) -> None:
    assert gman("--version")[1].startswith("gman 1.")
    code, text = gman("run", "--help")
    assert code == 0
    assert all(word in text for word in ("--cloud NAME", "--waivers FILE", "exit codes:", "server_build"))


class Hold:
    """In place of a method of a cloud: once `when` is so, answers wait until they are let go."""

    def __init__(self, method: Callable[..., Any], when: Callable[[], object]) -> None:
        self._method, self._when = method, when
        self.reached, self.go_on = threading.Event(), threading.Event()
        self.waited_out = False

    def __call__(self, *arguments: Any) -> Any:
        answer = self._method(*arguments)
        if self._when():
            self.reached.set()
            self.waited_out |= not self.go_on.wait(10)
        return answer


def interrupted_in_its_first_test(tiny: TinyCloud, tmp_path: Path) -> subprocess.Popen[str]:
    """A run that was interrupted once, when it had made a network."""
    tiny.topology = topology = Hold(tiny.topology, lambda: tiny.network)  # type: ignore[method-assign,assignment]
    clouds = write_clouds(tmp_path / "c.yaml", tiny.url)
    environ = {**os.environ, "OS_CLIENT_CONFIG_FILE": str(clouds), "XDG_STATE_HOME": str(tmp_path / "state")}
    command = [sys.executable, "-m", "conformance", "run", "--cloud", "tiny", "--report", str(tmp_path), *ONE]
    process = subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True)
    assert topology.reached.wait(30)
    process.send_signal(signal.SIGINT)
    topology.go_on.set()
    return process


def test_interrupted_it_cleans_up_and_says_so(tmp_path: Path) -> None:
    with running() as tiny:
        process = interrupted_in_its_first_test(tiny, tmp_path)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "interrupted; deleting what tests have made (Ctrl-C again: not)\n" in said
    assert "interrupted; what was made has been cleaned up" in said
    assert tiny.network is None
    assert json.loads((tmp_path / "report.json").read_text())["verdict"] == "inconclusive"


def test_interrupted_again_it_stops_at_once(tmp_path: Path) -> None:
    """It does not wait for the answer that its clean-up waits for."""
    with running() as tiny:
        tiny.lists = lists = Hold(tiny.lists, lambda: tiny.network)  # type: ignore[method-assign,assignment]
        process = interrupted_in_its_first_test(tiny, tmp_path)
        assert lists.reached.wait(30)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
        lists.go_on.set()
    assert process.returncode == 130
    assert "what was made may be left" in said
    assert "Traceback" not in said
    assert not lists.waited_out


@pytest.mark.parametrize(
    ("room", "files", "asked", "embedded", "whole", "number"),
    [
        (float("inf"), 100, None, False, True, 4),
        (2.0, 100, None, False, False, 2),
        (1.0, 100, None, False, True, 0),
        (float("inf"), 2, None, False, False, 2),
        (float("inf"), 1, None, False, False, 0),
        (float("inf"), 100, None, True, False, 0),
        (float("inf"), 1, 7, True, False, 7),
        (1.0, 100, 0, False, True, 0),
    ],
)
def test_there_are_as_many_processes_as_make_sense(
    room: float, files: int, asked: int | None, embedded: bool, whole: bool, number: int
) -> None:
    context: Any = SimpleNamespace(projects=SimpleNamespace(room=room))
    assert session.processes(context, asked, embedded=embedded, whole=whole, files=files) == number


@pytest.mark.parametrize(("cores", "number"), [(None, 2), (1, 2), (2, 3), (16, 4)])
def test_beside_the_reference_there_is_one_more_than_cores(
    monkeypatch: pytest.MonkeyPatch, cores: int | None, number: int
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    context: Any = SimpleNamespace(projects=SimpleNamespace(room=float("inf")))
    assert session.processes(context, None, embedded=True, whole=True, files=100) == number


def test_the_files_of_a_selection_are_counted() -> None:
    assert session.number_of_files(["N-AAT-025"]) in range(1, 20)
    assert session.number_of_files([]) == len({test.partition("::")[0] for test in requirement_tests.tests()})


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


def test_the_report_before_a_killed_run_goes_when_a_new_one_is_ready(tmp_path: Path) -> None:
    (tmp_path / folder.ASIDE).mkdir()
    (tmp_path / folder.ASIDE / folder.JSON).write_text("of the run before it")
    (tmp_path / folder.JSON).write_text("of a run that was killed")
    with pytest.raises(UsageProblem), folder.replacing(tmp_path):
        raise UsageProblem
    assert (tmp_path / folder.JSON).read_text() == "of the run before it"
    with folder.replacing(tmp_path):
        assert not (tmp_path / folder.JSON).exists()
        (tmp_path / folder.JSON).write_text("new")
    assert [path.name for path in tmp_path.iterdir()] == [folder.JSON]


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


def test_a_sourced_openrc_is_the_cloud(gman: Gman, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running() as tiny:
        write_clouds(tmp_path / "c.yaml", tiny.url)
        auth = yaml.safe_load((tmp_path / "c.yaml").read_text())["clouds"]["tiny"]["auth"]
        for name, value in auth.items():
            monkeypatch.setenv(f"OS_{name.upper()}", str(value))
        monkeypatch.setattr("conformance.tests.conftest.write_clouds", lambda *_: None)  # there is no clouds.yaml
        code, printed = gman("run", *ONE)
    assert code == 0
    assert printed.startswith(f"Target: envvars ({auth['auth_url']}")
    assert printed.strip().splitlines()[-1] == printed.splitlines()[0]


def test_a_disk_that_is_full_keeps_no_run_from_its_clean_up() -> None:
    log = Log(Path("/dev/full"))
    log({"event": "test-ended"})
    with pytest.raises(OSError, match="No space left on device"):
        log.close()


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


def test_a_list_that_nobody_reads_on_ends_quietly(tmp_path: Path) -> None:
    command = f"{sys.executable} -m conformance list | head -1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60, check=True)
    assert (done.stdout.count("\n"), done.stderr) == (1, "")


def test_without_a_command_there_is_help(gman: Gman) -> None:
    code, printed = gman()
    assert code == 0
    assert "gman doctor --cloud devstack" in printed


def test_a_gabbi_file_with_a_mistake_is_named_and_no_interruption(tmp_path: Path, serve: Serve) -> None:
    _script, context = serve(one=[(200, {"id": 1})])
    write(tmp_path, "network/a.yaml", "- name: first\n  GET: {url}/one\n  response_json_path: {$.id: 1}\n")
    results = gabbi_run(tmp_path, context)
    assert not results.interrupted
    assert "response_json_path" in results.problems[0]


@pytest.mark.long
def test_a_process_that_dies_ends_the_run_with_a_report(tmp_path: Path) -> None:
    """Of the reference's run, in two processes, one of which is killed after some tests."""
    folder_of_report = tmp_path / "report"
    command = [sys.executable, "-m", "conformance", "run", "-n", "2", "--report", str(folder_of_report)]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
    environ["XDG_STATE_HOME"] = str(tmp_path / "state")
    process = subprocess.Popen([*command, "-k", "topology"], env=environ, stdout=subprocess.PIPE, text=True)
    for _ in attempts(60):
        events = folder_of_report / folder.EVENTS
        if events.exists() and events.read_text().count("\n") > 10:
            break
    children = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=True)
    workers = [
        int(pid) for pid in children.stdout.split() if b"reference" not in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
    os.kill(workers[0], signal.SIGKILL)
    printed, _ = process.communicate(timeout=120)
    assert process.returncode == 4
    assert "! process gw" in printed
    assert "died: signal 9" in printed
    found = json.loads((folder_of_report / folder.JSON).read_text())
    assert (found["verdict"], found["leaks"]) == ("error", [])
    assert any("the run broke before its tests" in entry["reason"] for entry in found["requirements"])
