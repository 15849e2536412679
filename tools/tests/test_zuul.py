"""The job and the role for Zuul: their parts fit each other, and what the role runs works beside the reference."""

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml
from documented import ROOT
from sandbox import Sandbox, sandbox

ROLE = ROOT / "roles/get-me-a-network"
JOBS = [entry["job"] for path in sorted((ROOT / "zuul.d").glob("*.yaml")) for entry in yaml.safe_load(path.read_text())]
PROJECTS = {"example.org/get-me-a-network": {"short_name": "get-me-a-network", "src_dir": "."}}
OF_DEVSTACK = {"orchestrate-devstack"}
RUNS = "ansible.builtin.shell"


def tasks(content: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for task in content:
        if "block" in task:
            yield from tasks([*task["block"], *task["always"]])
        else:
            yield task


TASKS = list(tasks(yaml.safe_load((ROLE / "tasks/main.yaml").read_text())))


def rendered(text: str, **facts: Any) -> str:
    """The text as Ansible renders it, with facts and the role's defaults, which are templates themselves."""
    values = yaml.safe_load((ROLE / "defaults/main.yaml").read_text()) | facts
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)
    for _ in range(len(values)):  # rounds: how deep defaults refer to each other
        text = environment.from_string(text).render(values)
    return text


@pytest.mark.parametrize("job", JOBS, ids=lambda job: str(job["name"]))
def test_a_job_names_what_there_is(job: dict[str, Any]) -> None:
    plays = yaml.safe_load((ROOT / job["run"]).read_text())
    roles = {role for play in plays for role in play["roles"]}
    assert roles - OF_DEVSTACK == {path.name for path in (ROOT / "roles").iterdir()}
    assert [role["zuul"] for role in job["roles"]] == ["opendev.org/openstack/devstack"]
    assert job["required-projects"] == [project["short_name"] for project in PROJECTS.values()]


def facts(folder: Path) -> dict[str, Any]:
    return {
        "ansible_user_dir": str(folder),
        "gman_source": str(folder),
        "zuul": {"projects": PROJECTS, "executor": {"log_root": str(folder / "logs")}},
    }


def test_what_the_role_runs_works_and_leaves_what_it_registers(tmp_path: Path) -> None:
    with sandbox(tmp_path) as place:
        ran = [run(place, task) for task in TASKS if RUNS in task]
    assert len(ran) == 3
    [collected] = [task["synchronize"] for task in TASKS if "synchronize" in task]
    [returned] = [task["zuul_return"]["data"]["zuul"] for task in TASKS if "zuul_return" in task]
    source = Path(rendered(collected["src"], **facts(tmp_path)))
    logs = rendered("{{ gman_logs }}/", **facts(tmp_path))
    for artifact in returned["artifacts"]:
        place_of_it = rendered(artifact["url"], **facts(tmp_path)).removeprefix(logs)
        assert (source / place_of_it).stat().st_size, artifact


def run(place: Sandbox, task: dict[str, Any]) -> str:
    variables = facts(place.folder)
    folder = rendered(task[RUNS]["chdir"], **variables)
    command = " ".join(rendered(task[RUNS]["cmd"], **variables).split("\n"))
    completed = place.run(f"cd {shlex.quote(folder)} && {command}")
    assert completed.returncode == 0, f"{command}\n{completed.stdout}{completed.stderr}"
    return command


def test_a_cloud_that_is_not_named_is_no_option() -> None:
    users = rendered("{{ gman_users }}", gman_alt_cloud="", gman_admin_cloud="root")
    assert users.split() == ["--admin-cloud", "root"]
