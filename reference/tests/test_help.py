"""The help of `gman serve` has examples, and takes them."""

import shlex

from reference.cli import EXAMPLES, parser


def test_it_takes_its_own_examples() -> None:
    lines = [line for line in EXAMPLES.splitlines() if line.startswith("  gman serve")]
    assert lines
    for line in lines:
        _gman, *arguments = shlex.split(line, comments=True)
        assert parser().parse_args(arguments).command == "serve"
