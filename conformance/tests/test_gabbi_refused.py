"""Gabbi files that the collector refuses: the message names file and key."""

from pathlib import Path

import pytest

from conformance.tests.gabbi_runs import THREE, Serve, run, write

COVERS = "  response_covers: [N-AAT-001]\n"


FIRST = "$.tests[0].response_covers"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("fixtures: [EmptyProject]", "fixtures: [NoProject]"), "$.fixtures[0]: 'NoProject' is not one of"),
        (("fixtures: [EmptyProject]", "fixture: [EmptyProject]"), "$: "),
        (
            ("fixtures:", "covers: {N-AAT-001: [first]}\nfixtures:"),
            "$: Additional properties are not allowed ('covers'",
        ),
        ((COVERS, ""), "$.tests: no test has response_covers"),
        ((COVERS, "  response_cover: [N-AAT-001]\n"), "$.tests: no test has response_covers"),
        ((COVERS, "  response_covers: N-AAT-001\n"), f"{FIRST}: 'N-AAT-001' is not of type 'array' (test 'first')"),
        ((COVERS, "  response_covers: []\n"), f"{FIRST}: [] should be non-empty (test 'first')"),
        ((COVERS, "  response_covers: [N-AAT-999]\n"), f"{FIRST}: N-AAT-999 is not in the registry (test 'first')"),
        (("[N-AAT-001]", "[N-AAT-001, N-AAT-001]"), f"{FIRST}: ['N-AAT-001', 'N-AAT-001'] has non-unique elements (t"),
        (("defaults:\n", f"defaults:\n{COVERS}"), "$.defaults: 'response_covers' should not be valid under"),
        (("name: second", "name: first"), "$.tests: there are two tests named 'first'"),
        (("name: second", "name: second\n  respons_json_paths: {}"), "$.tests: invalid key in test"),
        (("name: second", "name: second\n  verbose: true"), "$.tests[1]: 'verbose' should not be valid under"),
        (("name: second", "name: a::b"), "$.tests[1].name: "),
        (
            ("name: second", "name: second\n  data: $HISTORY['frist'].$RESPONSE['$.id']"),
            "$.tests[1]: no test before it is",
        ),
        (
            ("name: second", "name: second\n  data: $HISTORY['a file's'].$RESPONSE['$.id']"),
            '$.tests[1]: "a file\'s" has an apostrophe',
        ),
        (("tests:", "tests: ["), "while parsing"),
    ],
)
def test_a_wrong_file_is_refused_with_file_and_key(
    tmp_path: Path, serve: Serve, change: tuple[str, str], complaint: str
) -> None:
    script, context = serve(one=[(200, {"id": 1})])
    path = write(tmp_path, "network/a.yaml", THREE)
    path.write_text(path.read_text().replace(*change))
    results = run(tmp_path, context)
    [problem] = results.problems
    assert f"gabbits/network/a.yaml: {complaint}" in problem
    assert script.asked == []
