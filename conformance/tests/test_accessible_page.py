"""The report is for every reader: its outline, landmarks, tables, pictures, links and colours."""

import pytest

from conformance.race.engine.history import History, Record
from conformance.report import files
from conformance.report.folder import RACES
from conformance.tests.accessibility import complaints, contrast
from conformance.tests.test_report import GOOD, report, result
from conformance.verdict.claims import Finding, Kind
from conformance.verdict.states import State


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A page with all its parts: failures, findings, a race, something left behind."""
    folder = tmp_path_factory.mktemp("report")
    history = History(folder / RACES / "one.ndjson")
    history.path.parent.mkdir()
    history.add(Record("one", "get_topology", "p", 0.0, volley=True, completed=0.5, status=200, answer="id"))
    bad = result("t4", State.FAIL, "answered 500", N_A_001=State.FAIL)
    findings = (Finding("ipv6", Kind.OFFERED, "there is a default IPv6 subnet pool"),)
    run_report = report(*GOOD, bad, findings=findings, leaks=["project p keeps networks n"], problems=["a worker died"])
    return files.page(run_report, folder)


def test_the_page_is_accessible(page: str) -> None:
    assert complaints(page) == []


@pytest.mark.parametrize(
    ("right", "broken", "complaint"),
    [
        (' lang="en"', "", "the page does not say its language"),
        ("title", "style", "the page has no title"),
        ("h3", "h5", "follows h2"),
        ("h2", "h1", "headings of the first level"),
        ("header", "div", "0 of header"),
        (' aria-label="Parts of this report"', "", "a nav without a name"),
        ("main", "div", "outside of every landmark"),
        ("caption", "td", "a table without a name"),
        ("th", "td", "a table without a header"),
        ('<th scope="row">core', "<th>core", "does not say what it heads"),
        ('<th scope="col">verdict</th>', '<th scope="col"></th>', "a th without a text"),
        ('role="img" aria-label', "data-label", "svg without a name"),
        ('<pre tabindex="0">', "<pre>", "pre scrolls, and the keyboard does not reach it"),
        ('aria-label="Claimed and shown"', "", "role region without a name"),
        ('id="timings"', 'id="races"', "the id 'races' is there 2 times"),
        ('href="#timings"', 'href="#clocks"', "leads to 'clocks', which is not there"),
        (">Timings</a>", "></a>", "a link without a text"),
        ("light-dark(#666,", "light-dark(#888,", "--dim #888 on #fff in the light theme"),
        ("#a0a0a0)", "#606060)", "--dim #606060 on #121212 in the dark theme"),
        ("caption { text-align: left; color: var(--dim);", "caption { color: #777;", "none of the page's variables"),
    ],
)
def test_each_barrier_is_reported(page: str, right: str, broken: str, complaint: str) -> None:
    pairs = [(f"<{right}", f"<{broken}"), (f"</{right}>", f"</{broken}>")] if right.isalnum() else [(right, broken)]
    for before, after in pairs:  # an element is replaced with its end
        assert before in page
        page = page.replace(before, after)
    assert any(complaint in line for line in complaints(page))


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777", "#fff") == pytest.approx(4.48, abs=0.01)
