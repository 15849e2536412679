"""The commands of `gman` other than `gman run`."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from conformance import cli
from conformance.commands import compare
from conformance.commands import list as list_command
from conformance.coverage import steps
from conformance.projects.journal import Journal
from conformance.requirements import registry
from conformance.run import preflight
from conformance.settings import Settings
from conformance.target.capabilities import Capabilities
from conformance.verdict.claims import EXTENSION
from conformance.verdict.states import State

GMAN = Path(sys.executable).with_name("gman")
READY = Capabilities(
    external_network_id="e",
    default_pools=(4,),
    max_microversion="2.37",
    extensions=(EXTENSION,),
    dry_run=200,
)
SETTINGS = Settings("devstack", Path(), "run", claims=("core",))


def gman(*arguments: str, state: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "XDG_STATE_HOME": str(state)}
    environment.pop("OS_CLOUD", None)
    return subprocess.run(
        [str(GMAN), *arguments], capture_output=True, text=True, timeout=60, check=False, env=environment
    )


def test_every_command_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    for name in cli.COMMANDS:
        with pytest.raises(SystemExit) as ended:
            cli._command(name, ["--help"])
        assert ended.value.code == 0
        assert f"gman {name}" in capsys.readouterr().out


def test_requirements_are_listed_with_their_tests(tmp_path: Path) -> None:
    listed = json.loads(gman("list", "--format", "json", state=tmp_path).stdout)
    assert {item["id"] for item in listed} == set(registry.load())
    assert all(bool(item["tests"]) != bool(item["untested"]) for item in listed)
    assert "| N-AAT-001 | MUST | core |" in gman("list", "--format", "md", state=tmp_path).stdout
    assert "topology-get.yaml::" in gman("list", "tests", state=tmp_path).stdout


def test_an_unknown_profile_is_refused_in_one_line_with_the_known_ones(tmp_path: Path) -> None:
    completed = gman("list", "--profile", "nope", state=tmp_path)
    assert completed.returncode == 3
    names = ", ".join(f"'{profile}'" for profile in registry.Profile)
    assert completed.stderr == f"gman list: argument --profile: invalid choice: 'nope' (choose from {names})\n"


def test_a_requirement_is_explained(tmp_path: Path) -> None:
    text = gman("list", "N-NET-016", "C-SRV-013", state=tmp_path).stdout
    assert text.startswith("N-NET-016  MUST, profile core\n")
    assert "\n\nC-SRV-013  SHOULD" in text
    for line in (
        "  source:      api-ref",
        "  it takes:    one member of one project",
        "  test:        gabbits/network/networks-filters.yaml\n",
        "\n                 * ",
        "  fault:       ",
        "  waived:      neutron-2026.2: GET /v2.0/networks?is_default=true",
        "  page:        docs/findings/default-filter-is-ignored.md",
        "  try it:      gman run --requirement N-NET-016",
        "  try it:      GMAN_FAULT=",
    ):
        assert line in text
    assert max(map(len, (line for line in text.splitlines() if "GMAN_FAULT=" not in line))) <= 80


def test_the_faults_of_every_requirement_are_known() -> None:
    faults_of = list_command._faults()
    completed = subprocess.run([str(GMAN), "serve", "--list-faults"], capture_output=True, text=True, check=True)
    assert {name for faults in faults_of.values() for name, _ in faults} == {
        row.split()[0] for row in completed.stdout.splitlines()
    }
    assert faults_of.keys() <= registry.load().keys()


def test_steps_end_at_the_observation_and_a_race_shows_its_subject() -> None:
    story, race = "gabbits/network/topology-get.yaml", "conformance/stress/test_topology_race.py"
    tests = [f"{story}::the first request answers one id", f"{race}::test_first_requests_at_once_share_one_network"]
    shown = dict(steps.of_tests(tests))
    first, second = shown[story]
    assert first.startswith("  the project starts without a network (GET ")
    assert second.startswith("* the first request answers one id (GET /v2.0/auto-allocated-topology/")
    assert shown[race][0].startswith("One project asks for its first topology many times at once")
    assert shown[race][1:] == ["* test_first_requests_at_once_share_one_network"]


def test_a_cloud_that_is_set_up_is_well() -> None:
    assert [item.what for item in preflight.set_up(READY, SETTINGS) if item.mend] == []


@pytest.mark.parametrize(
    ("lack", "mend"),
    [
        ({"extensions": ()}, "service_plugins"),
        ({"external_network_id": ""}, "openstack network set --external --default"),
        ({"default_pools": ()}, "openstack subnet pool create --share --default"),
        ({"dry_run": 409}, "run gman doctor again"),
        ({"shared_networks": ("lan",)}, "openstack network set --no-share lan"),
        ({"max_microversion": "2.36"}, "2.37"),
        ({"max_microversion": ""}, "2.37"),
    ],
)
def test_each_problem_is_named_with_its_remedy(lack: dict[str, object], mend: str) -> None:
    capabilities = Capabilities(**{**vars(READY), **lack})
    [advice] = [item.mend for item in preflight.set_up(capabilities, SETTINGS) if item.mend]
    assert mend in advice


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (State.PASS, State.PASS, ""),
        (State.PASS, State.FAIL, "regressed"),
        (State.INCONCLUSIVE, State.ERROR, "regressed"),
        (State.FAIL, State.PASS, "fixed"),
        (State.FAIL, State.WAIVED, "waived"),
        (State.PASS, State.NOT_CLAIMED, "changed"),
        (None, State.FAIL, "new"),
        (State.PASS, None, "gone"),
    ],
)
def test_differences(old: State | None, new: State | None, kind: str) -> None:
    before, after = ({"N-AAT-001": state} if state else {} for state in (old, new))
    assert compare.differences(before, after) == ([(kind, "N-AAT-001")] if kind else [])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("compare", "nowhere", "nowhere"), "name a report.json"),
        (("doctor",), "name a cloud"),
        (("sweep",), "--admin-cloud"),
        (("list", "colours"), "'colours' is no requirement"),
        (("list", "N-AAT-001", "tests"), "'tests' is no requirement"),
        (("compare", __file__, __file__), "name a report.json"),
    ],
)
def test_mistakes_are_one_line(tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    completed = gman(*arguments, state=tmp_path)
    assert (completed.returncode, len(completed.stderr.strip().splitlines())) == (3, 1)
    assert says in completed.stderr


def test_nothing_to_sweep(tmp_path: Path) -> None:
    completed = gman("sweep", "--cloud", "any", "--admin-cloud", "any", state=tmp_path)
    assert (completed.returncode, "nothing to sweep" in completed.stdout) == (0, True)


def test_a_journal_knows_who_writes_it_and_about_which_cloud(tmp_path: Path) -> None:
    path = tmp_path / "run.ndjson"
    assert not Journal(path).in_use
    writing = Journal(path, "http://one")
    writing.note("made", "project")
    assert Journal(path).clouds == {"http://one"}
    assert Journal(path).in_use
    writing.release()
    assert not Journal(path).in_use
    command = (
        "from conformance.projects.journal import Journal; import pathlib, sys; j = Journal(pathlib.Path(sys.argv[1]))"
    )
    command += "; j.note('made', 'a'); print('', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", command, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        process.stdout.readline()
        assert Journal(path).in_use
        process.kill()
    assert not Journal(path).in_use


def test_an_error_of_the_suite_is_no_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> int:
        raise KeyError("secret")

    assert cli._spoken(work) == 4
    printed = capsys.readouterr().err
    assert printed.startswith("gman: the suite broke: KeyError at test_commands.py:")
    assert "secret" not in printed


def test_the_demo_shows_and_counts_both_ways(tmp_path: Path) -> None:
    output = gman("demo", "--keep", str(tmp_path / "kept"), state=tmp_path)
    assert output.returncode == 0, output.stderr
    assert "6. POST /servers" in output.stdout
    assert output.stdout.count(" ACTIVE ") == 4
    assert "built for them: network auto_allocated_network, router auto_allocated_router, subnet " in output.stdout
    assert "6 calls and an idea of networking before, 1 call now." in output.stdout
    assert "Traceback" not in (tmp_path / "kept" / "serve.log").read_text()


def test_a_demo_without_a_place_to_write_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    output = gman("demo", "--keep", str(tmp_path / "file" / "below"), state=tmp_path)
    assert output.returncode == 3
    assert output.stderr.startswith("gman: cannot write to ")
