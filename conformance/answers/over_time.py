"""What holds of an object from one answer to the next, whoever asks: functions over its facts, which they add to.

The answers of calls that overlapped have no order, and are read in any. So each function compares the end of one answer
with the start of another's request, and gives the same result in either order.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from conformance.answers.comparisons import HOSTS, moment
from conformance.answers.compute_fields import BUILDING, STATE, TASK
from conformance.answers.facts import Facts, Span
from conformance.answers.rules import Fields, Item, Steady
from conformance.answers.values import cut

GOING = ("deleting", "soft-deleting")  # tasks of a server that is being deleted
ENDED = ("DELETED", "SOFT_DELETED", "ERROR")  # statuses in which a DELETE may leave it
ACTIVE, ERROR = "ACTIVE", "ERROR"
BUILT = ("active", "error", "deleted")  # states in which a server's build has ended
# kind -> its fields that name other objects: the field, the key in an object there, the kind that is named
REFERENCES = {
    "network": (("subnets", "", "subnet"),),
    "subnet": (("network_id", "", "network"), ("subnetpool_id", "", "subnetpool")),
    "port": (
        ("network_id", "", "network"),
        ("fixed_ips", "subnet_id", "subnet"),
        ("security_groups", "", "security_group"),
    ),
    "router": (("external_gateway_info", "network_id", "network"),),
    "floatingip": (
        ("floating_network_id", "", "network"),
        ("port_id", "", "port"),
        ("router_id", "", "router"),
    ),
    "security_group_rule": (("security_group_id", "", "security_group"), ("remote_group_id", "", "security_group")),
    "rbac_policy": (("object_id", "", "network"), ("object_id", "", "subnetpool")),
}
MOST_VALUES = 200  # of a rising field are remembered


def constants(fields: Fields, facts: Facts, item: Item) -> Iterator[tuple[str, str]]:
    """(name, violation) of each constant field, empty where no other answer has shown another value."""
    for name, field in fields.items():
        if field.constant and name in item and field.when(item):
            first = facts.first.setdefault(name, item[name])
            yield name, "" if first == item[name] else f"{name} is {cut(item[name])}, and was {cut(first)}"


def steady(fields: Fields, facts: Facts, item: Item) -> Iterator[tuple[str, str]]:
    """(name, violation) of each part of a steady field, empty where nothing was replaced since another answer."""
    for name, field in fields.items():
        for part, shown in _parts(field.steady, item.get(name)).items():
            first = facts.first_parts.setdefault(name, {}).setdefault(part, shown)
            replaced = not (first <= shown or shown <= first)
            yield name, f"{name} shows {cut(shown)} of {part}, and had {cut(first)}" if replaced else ""


def _parts(parts: Steady | None, shown: Any) -> Mapping[str, frozenset[str]]:
    try:
        return parts(shown) if parts and shown else {}
    except (AttributeError, LookupError, TypeError, ValueError):
        return {}  # its values are judged elsewhere


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
    """The violation if an object is shown that was gone before the request; empty if there is none. Call it for
    each answer that shows the object.
    """
    facts.shown = max(facts.shown, invoked)
    return "is shown after it was gone" if facts.gone < facts.shown else ""


def referred_to(kind: str, item: Item) -> Iterator[tuple[str, str, str]]:
    """(field, kind's name, id) of each object that an item of Networking refers to."""
    for name, key, other in REFERENCES.get(kind, ()):
        shown = item.get(name)
        for part in shown if isinstance(shown, list) else [shown]:
            id_ = part.get(key) if isinstance(part, dict) else part
            if isinstance(id_, str) and id_:
                yield name, other, id_


def on_its_way(facts: Facts, item: Item, invoked: float, ended: float) -> str | None:
    """Whether a running server whose DELETE was accepted is shown as being deleted; None for other servers."""
    if item.get("status") == ACTIVE:
        facts.ran = min(facts.ran, ended)
    if not (facts.ran < facts.deleted < invoked) or TASK not in item:
        return None
    is_going = item.get("status") in ENDED or item[TASK] in GOING
    return "" if is_going else f"is {item.get('status')}, its task {item[TASK]!r}, after its DELETE was accepted"


def built_once(facts: Facts, item: Item, invoked: float, ended: float) -> str | None:
    """Whether a server whose build had ended before is not shown as being built; None where no state is shown."""
    if STATE not in item:
        return None
    if item[STATE] in BUILT:
        facts.built = min(facts.built, ended)
    if item[STATE] == BUILDING:
        facts.built_after = max(facts.built_after, invoked)
    return "is being built after its build had ended" if facts.built < facts.built_after else ""


def without_addresses(item: Item) -> str | None:
    """Whether a server that is being built shows no address; None for others."""
    if item.get(STATE) != BUILDING or "addresses" not in item:
        return None
    return "" if item["addresses"] == {} else f"shows {cut(item['addresses'])} while it is being built"


def fault_by_status(item: Item) -> str | None:
    """Whether only a failed server shows a fault; None where no status is shown."""
    status = item.get("status")
    if not isinstance(status, str) or "tenant_id" not in item:
        return None
    return f"is {status}, and shows a fault" if "fault" in item and status not in (ERROR, "DELETED") else ""


InState = Callable[[Item], str | None]
IN_STATE: dict[str, InState] = {"C-OBJ-010": without_addresses, "C-OBJ-011": fault_by_status}
