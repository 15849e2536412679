"""What an error of the database means: that it refuses a value, or that it cannot be used."""

import sqlalchemy as sa

_INVALID_REGEX = 1139  # MariaDB's code
# errors of a statement or of the values in it, not of the database
_OF_STATEMENTS = (sa.exc.DataError, sa.exc.IntegrityError, sa.exc.NotSupportedError, sa.exc.ProgrammingError)


def is_unstorable(error: BaseException) -> bool:
    """Whether the database refuses a value: too long, out of range, no text, or no valid expression."""
    if isinstance(error, sa.exc.OperationalError):
        return error.orig is not None and error.orig.args[:1] == (_INVALID_REGEX,)
    return isinstance(error, sa.exc.DataError)


def is_outage(error: BaseException) -> bool:
    """Whether the database cannot be used at present: down, full, read-only, damaged, or busy for too long."""
    if isinstance(error, sa.exc.DBAPIError):
        return not isinstance(error, _OF_STATEMENTS) and not is_unstorable(error)
    return isinstance(error, sa.exc.TimeoutError)  # no connection became free


def summary(error: BaseException) -> str:
    """The error in one line, without the statement and its values."""
    original = getattr(error, "orig", None) or error
    text = " ".join(str(original).split())
    return f"{type(original).__name__}: {text[:200]}"
