"""A report keeps and shows its publisher and its product."""

import json
from pathlib import Path

import pytest

from conformance.schema import complaint
from conformance.tests.conftest import Gman
from conformance.tests.tiny_cloud import running

GIVEN = {"organization": "<Acme>", "product": "Acme|Cloud", "version": "9", "contact": "https://acme.example/c"}


def test_a_report_names_its_publisher(gman: Gman, tmp_path: Path) -> None:
    words = [f"--{name}={text}" for name, text in GIVEN.items()]
    with running() as tiny:
        assert gman("run", "--cloud", "tiny", "-k", "topology-get.yaml", *words, url=tiny.url)[0] == 0
    matrix = json.loads((tmp_path / "report" / "report.json").read_text())
    assert matrix["published"] == GIVEN
    assert complaint("report", matrix) == ""
    assert "<dd>&lt;Acme&gt;</dd>" in (tmp_path / "report" / "report.html").read_text()
    assert "- product: Acme\\|Cloud" in gman("report", str(tmp_path / "report"))[1]
    assert gman("verify", str(tmp_path / "report"))[0] == 0


@pytest.mark.parametrize("text", ["a\nb", "a\x1b[2J", "x" * 201])
def test_a_text_is_one_line(gman: Gman, text: str) -> None:
    code, printed = gman("run", "--product", text)
    assert (code, printed.count("\n")) == (3, 1)
    assert "takes one line of at most 200 characters" in printed
