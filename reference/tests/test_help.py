"""The help of `gman serve` has examples, and takes them."""

import shlex

from reference.cli import EXAMPLES, divided, parser


def test_it_takes_its_own_examples() -> None:
    lines = [line for line in EXAMPLES.splitlines() if line.startswith("  gman serve")]
    assert lines
    for line in lines:
        _gman, *arguments = shlex.split(line, comments=True)
        flags, _command = divided(arguments)
        assert parser().parse_args(flags).command == "serve"
