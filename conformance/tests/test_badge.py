"""The badge: each verdict fits its box, has a name for screen readers, and holds no foreign markup."""

import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.report import files
from conformance.report.badge import COLOURS, GROUND, MARGIN, badge
from conformance.tests.accessibility import ENOUGH, contrast
from conformance.tests.conftest import Gman
from conformance.tests.test_page import CHROMIUM, shown
from conformance.tests.test_report import GOOD, report
from conformance.verdict.states import Verdict

SVG = "{http://www.w3.org/2000/svg}"
OF_RUNS = [*Verdict][: [*Verdict].index(Verdict.NOT_CLAIMED)]


def drawn(verdict: Verdict) -> ElementTree.Element:
    return ElementTree.fromstring(badge(replace(report(*GOOD), verdict=verdict)))


@pytest.mark.parametrize("verdict", OF_RUNS)
def test_texts_fit_their_boxes_and_can_be_read(verdict: Verdict) -> None:
    image = drawn(verdict)
    boxes = image.findall(f"{SVG}g/{SVG}rect")
    texts = image.findall(f"{SVG}g/{SVG}text")
    assert [text.text for text in texts] == ["get me a network", verdict]
    for box, text in zip(boxes, texts, strict=True):
        x, width = (float(box.get(name, "0")) for name in ("x", "width"))
        begin, length = (float(text.get(name, "0")) for name in ("x", "textLength"))
        assert (begin - x, x + width - begin - length) == (MARGIN, MARGIN)
        assert contrast("#fff", box.get("fill", "")) >= ENOUGH
    assert float(image.get("width", "0")) == sum(float(box.get("width", "0")) for box in boxes)


def test_every_verdict_of_a_run_has_a_colour() -> None:
    assert set(COLOURS) == set(OF_RUNS)
    assert GROUND not in COLOURS.values()


def test_it_has_a_name_and_escapes() -> None:
    image = drawn(Verdict.PARTIAL)
    [title] = image.findall(f"{SVG}title")
    assert title.text == image.get("aria-label") == "Get me a network, on <acme>: partial (core conformant)"
    assert image.get("role") == "img"


def test_it_is_a_format_of_gman_report(gman: Gman, tmp_path: Path) -> None:
    files.write(report(*GOOD), tmp_path)
    code, text = gman("report", str(tmp_path), "--format", "badge")
    assert (code, text.count("<svg ")) == (0, 1)


@pytest.mark.skipif(not CHROMIUM, reason="takes Chromium: apt-get install chromium")
def test_a_browser_draws_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "badge.svg").write_text(badge(report(*GOOD)))
    width = int(drawn(Verdict.CONFORMANT).get("width", "0"))
    rows = shown(tmp_path / "badge.svg", 500, 100)
    green = tuple(bytes.fromhex(COLOURS[Verdict.CONFORMANT].removeprefix("#")))
    assert rows[10][width - 3] == green  # within the margin at the right there is no text
    assert {pixel for row in rows[22:] for pixel in row} == {(255, 255, 255)}
