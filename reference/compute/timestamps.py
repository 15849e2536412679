"""Moments, stored as text that sorts: UTC, ISO 8601, microseconds."""

from datetime import UTC, datetime

from reference.compute.errors import bad_query


def now() -> str:
    """The present moment, in the form stored here."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")


def whole(moment: str) -> str:
    """The moment as resources show it: 2026-11-22T11:10:29Z."""
    return f"{moment[:19]}Z"


def long(moment: str | None) -> str | None:
    """The moment as extensions show it: 2026-11-22T11:10:29.000000; None where there is none."""
    return f"{moment[:19]}.000000" if moment else None


def parse(text: str) -> str:
    """A moment in ISO 8601, UTC unless it has an offset, in the form stored here. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    try:
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:  # on the first or the last day of the calendar, with an offset
        raise ValueError("out of range") from None
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")


def of_query(name: str, text: str) -> str:
    """The moment in a query parameter, in the form stored here. Raises Problem (400)."""
    try:
        return parse(text)
    except ValueError:
        raise bad_query(name, text, f"'{text}' is not a 'date-time'") from None
