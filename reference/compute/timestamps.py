"""Moments, kept as text that sorts: UTC, ISO 8601, microseconds."""

from datetime import UTC, datetime

from reference.compute.errors import bad_query


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")


def whole(moment: str) -> str:
    """As resources show it: 2026-11-22T11:10:29Z."""
    return f"{moment[:19]}Z"


def long(moment: str | None) -> str | None:
    """As extensions show it: 2026-11-22T11:10:29.000000, null where it never came."""
    return f"{moment[:19]}.000000" if moment else None


def parse(text: str) -> str:
    """A moment someone wrote, in the form kept here. Errors: ValueError."""
    moment = datetime.fromisoformat(text)
    try:
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:  # the first or the last day there is, and another one in UTC
        raise ValueError("out of range") from None
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")


def asked(name: str, text: str) -> str:
    """The moment a query parameter names, in the form kept here. Errors: 400."""
    try:
        return parse(text)
    except ValueError:
        raise bad_query(name, text, f"'{text}' is not a 'date-time'") from None
