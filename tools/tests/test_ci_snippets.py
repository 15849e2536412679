"""The snippets of docs/ci.md for GitHub and GitLab: their jobs run as those systems run them, beside the reference."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from documented import ROOT, blocks
from sandbox import Sandbox, sandbox

from conformance.report import folder
from conformance.verdict.states import Exit

SNIPPETS = [yaml.safe_load(block.text) for block in blocks(ROOT / "docs/ci.md") if block.language == "yaml"]
EXPRESSION = re.compile(r"\$\{\{ *([\w.]+) *\}\}")
ALWAYS = "always()"
[GITHUB] = [snippet["jobs"]["conformance"] for snippet in SNIPPETS if "jobs" in snippet]
[GITLAB] = [snippet["conformance"] for snippet in SNIPPETS if "conformance" in snippet]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Sandbox]:
    with sandbox(tmp_path) as box:
        yield box


def run_job(place: Sandbox) -> list[tuple[int, str]]:
    """The exit code and output of each step of GitHub's job that runs a command; after a failed step, only of those
    that always run. The secret is the sandbox's clouds.yaml, which is nowhere else.
    """
    values = {"secrets.CLOUDS_YAML": (place.folder / "clouds.yaml").read_text()}
    (place.folder / "clouds.yaml").unlink()
    results: list[tuple[int, str]] = []
    for step in GITHUB["steps"]:
        if "run" not in step or (any(code for code, _text in results) and step.get("if") != ALWAYS):
            continue
        variables = {
            name: EXPRESSION.sub(lambda match: values[match[1]], text) for name, text in step.get("env", {}).items()
        }
        ended = place.run(step["run"], **{"OS_CLIENT_CONFIG_FILE": "", "CLOUDS": "", **variables})
        results.append((ended.returncode, ended.stdout + ended.stderr))
    return results


def test_githubs_job_tests_the_cloud_of_the_secret_and_tells_what_it_came_to(place: Sandbox) -> None:
    _secret, (code, output), (shown, printed) = run_job(place)
    assert (code, shown, printed) == (0, 0, ""), output
    assert (place.folder / "summary.md").read_text().startswith("# Get me a network, on acme: ")
    [upload] = [step for step in GITHUB["steps"] if step.get("uses", "").startswith("actions/upload-artifact@")]
    assert (upload["if"], (place.folder / upload["with"]["path"] / folder.HTML).is_file()) == (ALWAYS, True)


def test_after_a_failure_githubs_job_still_tells(tmp_path: Path) -> None:
    with sandbox(tmp_path, "--fault", "no-router") as place:
        _secret, (code, output), (shown, printed) = run_job(place)
    assert (code, shown) == (1, 0), output
    assert re.search(r"^::error file=gabbits/\S+,title=fail [A-Z]", printed, re.MULTILINE), printed
    assert ": failed" in (tmp_path / "summary.md").read_text()


def test_gitlabs_job_tests_the_cloud_of_its_variable(place: Sandbox) -> None:
    variables = {name: text.replace("$CLOUDS_YAML", "secret-file") for name, text in GITLAB["variables"].items()}
    (place.folder / "clouds.yaml").rename(place.folder / "secret-file")
    ended = place.run("\n".join(GITLAB["script"]), CLOUDS="", **variables)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    [path] = GITLAB["artifacts"]["paths"]
    assert json.loads((place.folder / path / folder.JSON).read_text())["target"]["cloud"] == "acme"
    assert GITLAB["artifacts"]["when"] == "always"
    assert GITLAB["artifacts"]["reports"]["junit"] == f"{path}/{folder.JUNIT}"
    assert (place.folder / GITLAB["artifacts"]["reports"]["junit"]).is_file()
    assert GITLAB["allow_failure"]["exit_codes"] == [Exit.INCONCLUSIVE]


def test_they_name_versions_and_a_suitable_image() -> None:
    assert all(re.search(r"@v\d+$", step["uses"]) for step in GITHUB["steps"] if "uses" in step)
    version = re.fullmatch(r"python:3\.(\d+)", GITLAB["image"])
    assert version
    assert int(version[1]) >= 11
