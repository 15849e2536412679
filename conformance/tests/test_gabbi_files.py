"""Gabbi files as data, and as they go from one process to another."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.gabbi.files import GabbiFolder
from conformance.tests.gabbi_runs import THREE, Serve, write

ONE = """\
- name: first
  GET: {url}/one
"""


def test_a_file_that_was_read_elsewhere_is_not_read_again(tmp_path: Path) -> None:
    path = write(tmp_path, "network/handed-over.yaml", ONE)
    parent = GabbiFolder(tmp_path)
    plain, content = parent.to_plain(), parent.read(path)
    path.write_text("no longer a gabbi file")
    child = GabbiFolder(tmp_path, plain)
    assert child.read(path) == content
    assert child.read(path).covers == {"N-AAT-001": {"first"}}


@pytest.mark.parametrize(
    ("file", "url", "full"),
    [
        ("network/a.yaml", "/v2.0/networks", "$ENVIRON['GMAN_NETWORK_URL']/v2.0/networks"),
        ("operator/a.yaml", "/v2.0/networks", "$ENVIRON['GMAN_NETWORK_URL']/v2.0/networks"),
        ("compute/a.yaml", "/servers?name=a", "$ENVIRON['GMAN_COMPUTE_URL']/servers?name=a"),
        ("identity/a.yaml", "/projects", "$ENVIRON['GMAN_IDENTITY_URL']/projects"),
        ("image/a.yaml", "/v2/images", "$ENVIRON['GMAN_IMAGE_URL']/v2/images"),
        ("compute/a.yaml", "$ENVIRON['GMAN_NETWORK_URL']/v2.0/ports", "$ENVIRON['GMAN_NETWORK_URL']/v2.0/ports"),
        ("compute/a.yaml", "$LAST_URL", "$LAST_URL"),
    ],
)
def test_a_path_is_one_of_the_service_that_the_file_is_about(tmp_path: Path, file: str, url: str, full: str) -> None:
    path = write(tmp_path, file, f"- name: first\n  GET: {url}\n")
    assert GabbiFolder(tmp_path).read(path).full_url(url) == full


def test_gabbi_run_takes_a_file_and_the_url_of_its_service(tmp_path: Path, serve: Serve) -> None:
    script, context = serve(one=[(200, {"id": 1})], two=[(200, {})], three=[(200, {})])
    path = write(tmp_path, "network/a.yaml", THREE.replace("{url}", "/v2.0"))
    gabbi_run = [sys.executable, "-c", "from gabbi.runner import run; run()", "-r", "conformance.gabbi.handlers"]
    environment = {**os.environ, "GMAN_TOKEN": "of-the-file"}
    subprocess.run([*gabbi_run, context.url, "--", path], env=environment, check=True, timeout=60)
    assert script.asked == ["one", "two", "three"]
