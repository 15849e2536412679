"""Invariants of answers to calls in flight together: each answers its own call, and shows what is then stored.

A cloud may mix up answers and still store everything right. So answers are compared with each other, with the request
of their call, and with later lists.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.race.checkers.judge import Races
from conformance.race.engine.history import Record
from conformance.race.operations.project_state import OWNED, Item, owner
from conformance.race.operations.topology import GET_TOPOLOGY, answered_id

ATTACHED = ""  # in place of a kind, for a router's interface, whose answer has no envelope
# kind -> the fields in which no two objects may have the same value
GIVEN_ONCE = {ATTACHED: ("port_id",), "port": ("id", "mac_address"), "floatingip": ("id", "floating_ip_address")}
# fields that may change after the creation, without a request of the owner
CHANGING = frozenset({"status", "device_id", "device_owner", "admin_state_up", "port_id"})
NESTED = ("fixed_ips", "allocation_pools")  # lists that only its owner changes
COUNTED = ("server",)  # kinds of which one request may create several, while the answer shows one


@dataclass(frozen=True)
class Creation:
    """A call that created an object: the object's kind, as it was `sent` in the request, and as the answer shows it."""

    record: Record
    kind: str
    sent: Item
    item: Item

    @property
    def id(self) -> str:
        return str(self.item.get("id", ""))

    def __str__(self) -> str:
        return f"the answer {self.record.request_id or 'without a request id'} ({self.kind or 'interface'} {self.id})"


def everything(records: Sequence[Record]) -> Races:
    """All records as one race, with those of its preparation and of its cleanup."""
    return {"the whole history": records} if records else {}


def no_two_were_answered(races: Races) -> list[str]:
    """No two calls that were released together had an answer."""
    answered = [record for records in races.values() for record in records if record.volley and record.completed]
    return [] if len(answered) > 1 else ["no two calls in flight together were answered"]


def no_request_id_twice(history: Sequence[Record]) -> list[str]:
    """Each answer has a request id of its own."""
    counts = Counter(record.request_id for record in history if record.request_id)
    return [f"request id {id_} was answered {times} times" for id_, times in counts.items() if times > 1]


def given_once(history: Sequence[Record]) -> list[str]:
    """No two answers have an id, address or prefix of a pool in common."""
    counts = Counter(gift for creation in _creations(history) for gift in set(_gifts(creation)))
    return [f"{name} {value} was given {times} times" for (name, value), times in counts.items() if times > 1]


def answers_are_as_asked(history: Sequence[Record]) -> list[str]:
    """An answer shows the created object as its own call requested it, in the caller's project."""
    violations = []
    for creation in _creations(history):
        project = owner(creation.sent) or creation.record.project
        expected = {**creation.sent, **dict.fromkeys(OWNED, project)}
        violations += [
            f"{creation} shows {name} {creation.item[name]}, and {value} was asked for"
            for name, value in expected.items()
            if isinstance(value, str | int) and name in creation.item and str(creation.item[name]) != str(value)
        ]
    return violations


def topologies_are_the_callers(history: Sequence[Record]) -> list[str]:
    """The answer to a GET of the topology names the caller's project, under both names."""
    violations = []
    for record in history:
        topology = record.answer.get("auto_allocated_topology") if isinstance(record.answer, dict) else None
        if record.operation == GET_TOPOLOGY and record.ok and isinstance(topology, dict):
            others = {name: topology[name] for name in OWNED if topology.get(name, record.project) != record.project}
            violations += [f"the answer {record.request_id} says {name} {value}" for name, value in others.items()]
    return violations


def topologies_are_apart(history: Sequence[Record]) -> list[str]:
    """No two projects were answered the same network."""
    projects: dict[str, set[str]] = {}
    for record in history:
        id_ = answered_id(record) if record.operation == GET_TOPOLOGY and record.ok else None
        if id_:
            projects.setdefault(id_, set()).add(record.project)
    return [
        f"network {id_} was answered to {len(callers)} projects"
        for id_, callers in projects.items()
        if len(callers) > 1
    ]


def kept_as_answered(history: Sequence[Record]) -> list[str]:
    """From its answer to its DELETE each created object is in the lists, and they show what the answer showed."""
    violations = []
    for creation in _creations(history):
        for items in _lists_of(creation, history) if creation.id else ():
            listed_items = [item for item in items if str(item.get("id")) == creation.id]
            violations += [] if listed_items else [f"{creation} is in no list afterwards"]
            violations += [
                f"{creation} shows {name} {value}, and the list {item[name]}"
                for item in listed_items
                for name, value in creation.item.items()
                if _is_lasting(name, value) and name in item and _plain(item[name]) != _plain(value)
            ]
    return sorted(set(violations))


def nothing_is_kept_unanswered(history: Sequence[Record]) -> list[str]:
    """Each object in a list that has a name from this race was answered; after lost calls there may be others."""
    if any(record.lost for record in history):
        return []
    creations = list(_creations(history))
    answered = {creation.id for creation in creations}
    names = {
        (creation.record.project, _plural(creation.kind), creation.sent.get("name"))
        for creation in creations
        if creation.kind not in COUNTED
    }
    shown = {
        (str(item.get("id")), kind)
        for record in history
        for kind, items in _lists_in(record)
        for item in items
        if item.get("name") and (record.project, kind, item["name"]) in names and owner(item) in ("", record.project)
    }
    unanswered = sorted((kind, id_) for id_, kind in shown if id_ not in answered)
    return [f"{kind.removesuffix('s')} {id_} is there, and no answer named it" for kind, id_ in unanswered]


def _creations(history: Sequence[Record]) -> Iterator[Creation]:
    for record in history:
        sent, answer = record.sent, record.answer
        if not (record.ok and isinstance(sent, dict) and isinstance(answer, dict)):
            continue
        for kind in sent.keys() & answer.keys():
            if isinstance(sent[kind], dict) and isinstance(answer[kind], dict):
                yield Creation(record, kind, sent[kind], answer[kind])
        if record.volley and "port_id" in answer and "subnet_id" in sent:  # a detachment, later, answers the same
            yield Creation(record, ATTACHED, {"subnet_id": sent["subnet_id"]}, answer)


def _gifts(creation: Creation) -> Iterator[tuple[str, str]]:
    for name in GIVEN_ONCE.get(creation.kind, ("id",)):
        if creation.item.get(name):
            yield f"{creation.kind} {name}".strip(), str(creation.item[name])
    if creation.item.get("subnetpool_id") and creation.item.get("cidr"):
        yield f"of pool {creation.item['subnetpool_id']}, prefix", str(creation.item["cidr"])
    for address in creation.item.get("fixed_ips") or ():
        if isinstance(address, dict) and address.get("ip_address"):
            yield f"of subnet {address.get('subnet_id')}, address", str(address["ip_address"])


def _plural(kind: str) -> str:
    return f"{kind}s"


def _lists_in(record: Record) -> Iterator[tuple[str, list[Item]]]:
    """The whole lists in an answer, by the name of their envelope."""
    if record.ok and isinstance(record.answer, dict):
        for name, items in record.answer.items():
            if isinstance(items, list) and f"{name}_links" not in record.answer:
                yield name, [item for item in items if isinstance(item, dict)]


def _lists_of(creation: Creation, history: Sequence[Record]) -> Iterator[list[Item]]:
    """The lists of the object's kind that its project was answered between its creation and its DELETE."""
    ended = min((record.invoked for record in history if _deletes(record, creation)), default=float("inf"))
    for record in history:
        if (
            record.project == creation.record.project
            and creation.record.ended <= record.invoked
            and record.ended <= ended
        ):
            yield from (items for name, items in _lists_in(record) if name == _plural(creation.kind))


def _deletes(record: Record, creation: Creation) -> bool:
    return record.target == creation.id and record.invoked >= creation.record.ended and "show" not in record.operation


def _is_lasting(name: str, value: Any) -> bool:
    return name not in CHANGING and (isinstance(value, str | int) or name in NESTED)


def _plain(value: Any) -> str:
    return str(sorted(map(str, value))) if isinstance(value, list) else str(value)
