"""What every run of the suite needs at hand: loaded and read once, in the process that the runs are forked from."""

from conformance import run, selection, session  # noqa: F401 - loading them is the point

session.check_tests()
