"""One run of the suite: from the command line's settings over pytest to a report."""
