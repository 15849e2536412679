"""Two answers to one request, the real service's and the reference's, and where they differ.

Ids, addresses that nobody chose, MAC addresses and times are the servers' own: they need not be equal, but what is one
object in one answer has to be one object in the other, through a whole story. `Twins` keeps that.
"""

import ipaddress
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from fuzzing.wire import Answer

ABSENT = "absent"
_ID = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
_CHOSEN_BY_SERVERS = ("ip_address", "fixed_ip_address", "floating_ip_address")  # keys of addresses that may differ


@dataclass(frozen=True)
class Difference:
    """Where two answers differ: `kind` is status, type, key, value or order; `place` is a path of keys, joined by dots.

    A type is that of an error or, for the place `content`, that of the body.
    """

    kind: str
    place: str
    real: Any
    reference: Any

    def __str__(self) -> str:
        where = f"{self.kind} {self.place}".rstrip()
        return f"{where}: the real service {self.real!r}, the reference {self.reference!r}"


@dataclass
class Twins:
    """Names (ids, addresses, ...) that differ between the servers: the real service's name -> the reference's."""

    names: dict[str, str] = field(default_factory=dict)
    reverse: dict[str, str] = field(default_factory=dict)

    def are(self, real: str, reference: str) -> bool:
        """Whether both are names of one object; two unknown names are so from now on."""
        if real in self.names or reference in self.reverse:
            return self.names.get(real) == reference
        self.names[real], self.reverse[reference] = reference, real
        return True

    def copy(self) -> "Twins":
        return Twins(dict(self.names), dict(self.reverse))


def differences(real: Answer, reference: Answer, twins: Twins, *, ordered: bool = False) -> list[Difference]:
    """Where the answers differ, in the order of the real one's keys. `ordered`: whether lists must have the same
    order.
    """
    if real.status != reference.status:
        return [Difference("status", "", real.status, reference.status)]
    bodies = _body(real), _body(reference)
    contents = [answer.headers.get("content-type", "").partition(";")[0] for answer in (real, reference)]
    if contents[0] != contents[1] and all(bodies):
        return [Difference("type", "content", *contents)]
    if real.status >= 400:
        types = [_error_type(body) for body in bodies]
        return [] if types[0] == types[1] else [Difference("type", "", *types)]
    differing = list(_compared("", *bodies, twins))
    orders = [_ids(body) for body in bodies] if ordered and not differing else []
    if orders and [twins.names.get(item, item) for item in orders[0]] != orders[1]:
        differing.append(Difference("order", "", *orders))
    return differing


def _ids(body: Any) -> list[str]:
    """The ids of a list's items; [] without them."""
    lists = (part for part in body.values() if isinstance(part, list)) if isinstance(body, dict) else iter(())
    return [item["id"] for item in next(lists, []) if isinstance(item, dict) and "id" in item]


def _body(answer: Answer) -> Any:
    try:
        return answer.json()
    except ValueError:
        return answer.body.decode(errors="replace")


def _error_type(body: Any) -> Any:
    """The error's type in Networking's form, where a message goes with it; else the keys of the error's form."""
    inner = body.get("NeutronError") if isinstance(body, dict) else None
    if isinstance(inner, dict) and sorted(inner) == ["detail", "message", "type"] and inner["message"]:
        return inner["type"] if isinstance(inner["message"], str) else "a message that is no text"
    return sorted(body) if isinstance(body, dict) else type(body).__name__


def _compared(place: str, real: Any, reference: Any, twins: Twins) -> Iterator[Difference]:
    if isinstance(real, dict) and isinstance(reference, dict):
        yield from _objects(place, real, reference, twins)
    elif isinstance(real, list) and isinstance(reference, list):
        yield from _lists(place, real, reference, twins)
    elif not _same(place, real, reference, twins):
        yield Difference("value", place, real, reference)


def _objects(place: str, real: dict[str, Any], reference: dict[str, Any], twins: Twins) -> Iterator[Difference]:
    for name in [*real, *(name for name in reference if name not in real)]:
        inner = f"{place}.{name}".lstrip(".")
        if name not in reference:
            yield Difference("key", inner, real[name], ABSENT)
        elif name not in real:
            yield Difference("key", inner, ABSENT, reference[name])
        else:
            yield from _compared(inner, real[name], reference[name], twins)


def _lists(place: str, real: list[Any], reference: list[Any], twins: Twins) -> Iterator[Difference]:
    """Lists are compared as sets, as few have a promised order; items without an equal are compared in their order."""
    if place.endswith("links"):
        real, reference = ([_of_link(link) for link in links] for links in (real, reference))
    unmatched, spare = [], list(reference)
    for item in sorted(real, key=lambda item: not _is_known(item, twins)):
        twin = next((other for other in spare if _matches(place, item, other, twins)), None)
        if twin is None:
            unmatched.append(item)
        else:
            spare.remove(twin)
            list(_compared(f"{place}[]", item, twin, twins))  # learns their names
    if len(real) != len(reference):
        yield Difference("value", f"{place}[] number", len(real), len(reference))
        return
    for item in unmatched:
        other = min(spare, key=lambda other: (_are_two(item, other, twins), _distance(place, item, other, twins)))
        spare.remove(other)
        yield from _compared(f"{place}[]", item, other, twins)


def _of_link(link: dict[str, str]) -> str:
    """What is compared of a link: its `rel`, and the names of its parameters."""
    parameters = parse_qsl(urlsplit(link.get("href", "")).query, keep_blank_values=True)
    return " ".join([str(link.get("rel")), *sorted(name for name, _value in parameters)])


def _matches(place: str, item: Any, other: Any, twins: Twins) -> bool:
    return _distance(place, item, other, twins) == 0


def _distance(place: str, item: Any, other: Any, twins: Twins) -> int:
    """The number of differences between two items of a list."""
    return sum(1 for _difference in _compared(f"{place}[]", item, other, twins.copy()))


def _are_two(item: Any, other: Any, twins: Twins) -> bool:
    """Whether the items are known to be two objects, however alike they are."""
    ids = [one["id"] for one in (item, other) if isinstance(one, dict) and one.get("id") is not None]
    return len(ids) == 2 and not twins.copy().are(*ids)


def _is_known(item: Any, twins: Twins) -> bool:
    return isinstance(item, dict) and item.get("id") in twins.names


def _same(place: str, real: Any, reference: Any, twins: Twins) -> bool:
    if not (isinstance(real, str) and isinstance(reference, str)):
        return type(real) is type(reference) and bool(real == reference)
    pattern = next((pattern for pattern in (_ID, _TIME, _MAC) if pattern.fullmatch(real)), None)
    if pattern is _TIME:
        return bool(_TIME.fullmatch(reference))
    if pattern is not None:
        return bool(pattern.fullmatch(reference)) and twins.are(real, reference)
    if real != reference and place.rpartition(".")[2] in _CHOSEN_BY_SERVERS:
        return _are_addresses((real, reference)) and twins.are(real, reference)
    return real == reference


def _are_addresses(texts: Sequence[str]) -> bool:
    """Whether the texts are IP addresses of one version."""
    try:
        return len({ipaddress.ip_address(text).version for text in texts}) == 1
    except ValueError:
        return False
