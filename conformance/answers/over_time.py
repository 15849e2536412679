"""What holds of an object from one answer to the next, whoever asks: functions over its facts, which they add to.

Answers of calls that overlapped say nothing of an order, and they are read in any. So each function compares the end of
an answer with the begin of a request, and finds the same whichever of the two is read first.
"""

from collections.abc import Callable, Iterator
from typing import Any

from conformance.answers.comparisons import HOSTS, moment
from conformance.answers.compute_fields import STATE, TASK
from conformance.answers.facts import Facts, Span
from conformance.answers.rules import Fields, Item
from conformance.answers.values import cut

GOING = ("deleting", "soft-deleting")  # tasks of a server that is being deleted
ENDED = ("DELETED", "SOFT_DELETED", "ERROR")  # statuses in which a DELETE may leave it
ACTIVE, ERROR = "ACTIVE", "ERROR"
MOST_VALUES = 200  # of a rising field, that are remembered


def constants(fields: Fields, facts: Facts, item: Item) -> Iterator[tuple[str, str]]:
    """(name, violation) of each constant field, empty where no other answer has shown another value."""
    for name, field in fields.items():
        if field.constant and name in item:
            first = facts.first.setdefault(name, item[name])
            yield name, "" if first == item[name] else f"{name} is {cut(item[name])}, and was {cut(first)}"


def rising(fields: Fields, facts: Facts, item: Item, invoked: float, ended: float) -> Iterator[tuple[str, str]]:
    """(name, violation) of each rising field, empty where no answer that had ended before showed more."""
    for name, field in fields.items():
        value = _number(item.get(name)) if field.rising else None
        if value is None:
            continue
        spans = facts.spans.setdefault(name, {})
        slack = 0.0 if isinstance(item[name], int) else HOSTS
        if value in spans or len(spans) < MOST_VALUES:
            span = spans.setdefault(value, Span(ended, invoked))
            span.first_ended, span.last_invoked = min(span.first_ended, ended), max(span.last_invoked, invoked)
        fell = any(
            (other > value + slack and span.first_ended <= invoked)
            or (value > other + slack and ended <= span.last_invoked)
            for other, span in spans.items()
        )
        yield name, f"{name} went back to {cut(item[name])}" if fell else ""


def _number(value: Any) -> float | None:
    """A revision, or a time in seconds; None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    try:
        return moment(value) if isinstance(value, str) else None
    except ValueError:
        return None


def gone(facts: Facts, invoked: float) -> str:
    """Whether an object is shown in answer to a request from after it was gone; to be called for each that shows it."""
    facts.shown = max(facts.shown, invoked)
    return "is shown after it was gone" if facts.gone < facts.shown else ""


def on_its_way(facts: Facts, item: Item, invoked: float, ended: float) -> str | None:
    """Whether a server that ran, and whose DELETE was accepted before, shows that; None where that is not so."""
    if item.get("status") == ACTIVE:
        facts.ran = min(facts.ran, ended)
    if not (facts.ran < facts.deleted < invoked) or TASK not in item:
        return None
    going = item.get("status") in ENDED or item[TASK] in GOING
    return "" if going else f"is {item.get('status')}, its task {item[TASK]!r}, after its DELETE was accepted"


def without_addresses(item: Item) -> str | None:
    """Whether a server that is being built shows no address; None for others."""
    if item.get(STATE) != "building" or "addresses" not in item:
        return None
    return "" if item["addresses"] == {} else f"shows {cut(item['addresses'])} while it is being built"


def fault_by_status(item: Item) -> str | None:
    """Whether a fault is shown of servers that failed alone; None where no status is shown."""
    status = item.get("status")
    if not isinstance(status, str) or "tenant_id" not in item:
        return None
    return f"is {status}, and shows a fault" if "fault" in item and status not in (ERROR, "DELETED") else ""


InState = Callable[[Item], str | None]
IN_STATE: dict[str, InState] = {"C-OBJ-010": without_addresses, "C-OBJ-011": fault_by_status}
