"""Faults in lists alone: each object by itself is answered right."""

from collections.abc import Callable
from typing import Any

from reference.catalogue import Plant
from reference.faults.catalogue import entry, table
from reference.faults.outside import Outgoing, leaving

Items = list[dict[str, Any]]


def _lists(plural: str, change: Callable[[Items], Items]) -> Plant:
    """Let lists be answered with `change(items)`."""

    def work(outgoing: Outgoing) -> None:
        items = outgoing.body.get(plural) if outgoing.ok and isinstance(outgoing.body, dict) else None
        if outgoing.method == "GET" and isinstance(items, list):
            outgoing.body[plural] = change(items)

    return leaving(work)


def _lacking(field: str) -> Callable[[Items], Items]:
    return lambda items: [{name: value for name, value in item.items() if name != field} for item in items]


def _repeating(items: Items) -> Items:
    """The items and, where there are several, the last of them again."""
    return items + items[-1:] if len(items) > 1 else items


def _without_first(items: Items) -> Items:
    return items[1:]


def _without_last(items: Items) -> Items:
    """The items but for the last, where there are several."""
    return items[:-1] if len(items) > 1 else items


def _reversed(items: Items) -> Items:
    return items[::-1]


table(
    *(
        entry(f"lists-of-{plural}-repeat-the-last", requirement)(
            f"A list of {plural} with several shows the last of them twice.", _lists(plural, _repeating)
        )
        for plural, requirement in (("networks", "N-OBJ-015"), ("ports", "N-OBJ-015"), ("servers", "C-OBJ-013"))
    ),
    *(
        entry(f"lists-of-{plural}-lack-the-{which}", "N-OBJ-015")(
            f"A list of {plural} does not show the {which} of them.", _lists(plural, change)
        )
        for plural, which, change in (("routers", "first", _without_first), ("ports", "last", _without_last))
    ),
    *(
        entry(f"lists-of-{plural}-are-in-another-order", "N-OBJ-015")(
            f"A list of {plural} is in the opposite of the order asked for.", _lists(plural, _reversed)
        )
        for plural in ("networks", "ports", "subnets")
    ),
    entry("lists-of-networks-lack-mtu", "N-OBJ-015")(
        "Lists of networks do not show mtu.", _lists("networks", _lacking("mtu"))
    ),
)
