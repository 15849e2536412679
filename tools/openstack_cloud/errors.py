"""The two ways a command ends badly; the command line turns them into a message and an exit code."""


class UsageError(Exception):
    """The request cannot be carried out as it is; the text is one line that says what to change. Exit code 3."""


class NotUpError(Exception):
    """Something did not come up, or is not up; the text names it and shows its log's tail. Exit code 1."""
