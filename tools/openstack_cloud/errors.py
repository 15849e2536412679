"""The two ways a command ends badly; the launcher turns them into one line and an exit code."""


class UsageError(Exception):
    """What was asked cannot be done as asked: the text says what to change. Exit code 3."""


class NotUp(Exception):
    """Something did not come up, or is not up: the text names it and shows its log's tail. Exit code 1."""
