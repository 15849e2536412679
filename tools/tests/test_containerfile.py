"""The Containerfile's image has all that it needs; where a builder is installed, it is built and run."""

import re
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from documented import ROOT

TEXT = (ROOT / "Containerfile").read_text()
BUILD = 900  # seconds for an image on a busy machine
LOOK = 20  # seconds for a builder to say whether it is there


def builder() -> str:
    """A program that builds images here, with whatever it needs for that; empty if there is none."""
    for name in ("podman", "docker"):
        if (
            shutil.which(name)
            and not subprocess.run([name, "info"], capture_output=True, timeout=LOOK, check=False).returncode
        ):
            return name
    return ""


def test_it_copies_what_the_wheel_is_made_of() -> None:
    copied = {name for line in re.findall(r"^COPY (.*) \S+$", TEXT, re.MULTILINE) for name in line.split()}
    assert all((ROOT / name).exists() for name in copied)
    assert {"LICENSE", "README.md", "pyproject.toml", "conformance", "gabbits", "reference"} == copied


@pytest.fixture
def image() -> Iterator[tuple[str, str]]:
    """The builder, and the name of an image that it has built."""
    program = builder()
    if not program:
        pytest.skip("needs podman or docker, running")
    subprocess.run(
        [program, "build", "-f", "Containerfile", "-t", "gman-test", "."], cwd=ROOT, timeout=BUILD, check=True
    )
    yield program, "gman-test"
    subprocess.run([program, "rmi", "-f", "gman-test"], capture_output=True, timeout=BUILD, check=False)


@pytest.mark.long
def test_the_image_runs_the_suite(image: tuple[str, str]) -> None:
    program, name = image
    command = [program, "run", "--rm", name, "run", "--requirement", "N-AAT-003"]
    completed = subprocess.run(command, capture_output=True, text=True, timeout=BUILD, check=False)
    assert completed.returncode == 0, completed.stdout + completed.stderr
    assert "pass N-AAT-003" in completed.stdout
