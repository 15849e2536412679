"""What others have written: bounded in size and depth, and of the right kind, or one line says what is wrong."""

import argparse
import json
import os
import random
from pathlib import Path

import pytest

from conformance.commands import compare, verify
from conformance.commands import report as rendering
from conformance.report import bundle
from conformance.settings import UsageProblem
from conformance.tests.mistakes import changed
from conformance.tests.test_report import GOOD, report
from conformance.untrusted import UntrustedError, parse_json, printable, read_file, read_yaml, show


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[" * 200 + "]" * 200, "nested deeper than 100"),
        ("[" * 100_000, "nested deeper than 100"),
        ("{", "not JSON: "),
        ("[" + "0," * 1_000_001 + "0]", "more than 1,000,000 values"),
        ("[NaN]", "not JSON: NaN is no number"),
        ("[-Infinity]", "not JSON: -Infinity is no number"),
        ("[1e999]", "not JSON: one too large is no number"),
    ],
)
def test_json_beyond_its_bounds(text: str, says: str) -> None:
    with pytest.raises(UntrustedError, match=says):
        parse_json(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: &a [*a]", "nested deeper than 100"),
        (
            "\n".join(["a0: &a0 [x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9))]),
            "values",
        ),
        ("a: [", "expected"),
        ("a: !!python/name:os.system", "could not determine a constructor"),
        *((f"a: !!{tag} {value}", "kind that its tag says") for tag, value in (("bool", "x"), ("timestamp", "x"))),
        ('a: !!int ""', "kind that its tag says"),
        ("a: 2026-13-45", "month must be in"),
    ],
)
def test_yaml_beyond_its_bounds(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "a.yaml").write_text(text)
    with pytest.raises(UntrustedError, match=says):
        read_yaml(tmp_path / "a.yaml")


def test_only_regular_files_up_to_a_size_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for special in (tmp_path / "pipe", Path(os.devnull)):
        with pytest.raises(UntrustedError, match="not a regular file"):
            read_file(special)
    (tmp_path / "large").write_bytes(b"x" * 11)
    assert len(read_file(tmp_path / "large", 11)) == 11
    with pytest.raises(UntrustedError, match="larger than"):
        read_file(tmp_path / "large", 10)


def test_control_characters_and_lone_surrogates_are_escaped() -> None:
    shown = printable({"a\x1b[2J": ["b\r\n\tö", "\ud800", 1]})
    assert shown == {"a\\x1b[2J": ["b\\r\n\tö", "\\ud800", 1]}
    json.dumps(shown, ensure_ascii=False).encode()


def test_shown_texts_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    show("a\x1b[2J\nb\ud800")
    assert capsys.readouterr().out == "a\\x1b[2J\\nb\\ud800\n"


@pytest.mark.parametrize("seed", range(100))
def test_a_report_of_wrong_kinds_is_refused_or_said_to_be_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], seed: int
) -> None:
    plain = json.loads(json.dumps(report(*GOOD).to_plain()))
    (tmp_path / "report.json").write_text(json.dumps(changed(plain, random.Random(seed))))
    bundle.seal(tmp_path)
    options = argparse.Namespace(report=tmp_path, key=None, old=tmp_path, new=tmp_path, output=None)
    problems = []
    for command in (verify, compare):
        try:
            assert command.main(options) in (0, 1)
        except UsageProblem as problem:
            problems.append(str(problem))
    for form in ("md", "junit", "html"):
        options.format = form
        try:
            assert rendering.main(options) == 0
        except UsageProblem as problem:
            problems.append(str(problem))
    assert not any(chr(10) in problem for problem in problems)
    capsys.readouterr().out.encode()
