"""The race of operators for the one place of a default, which is taken: all are refused, and nothing has changed.

That is the form of it that is safe on any cloud, for it takes nobody's default away.
"""

from collections.abc import Sequence

from conformance.race.engine.caller import Call, Caller, release_together
from conformance.race.engine.history import Record
from conformance.race.operations.project_state import Item, items_of
from conformance.race.scenarios.contention import ASK, Refusals, Rule, create, creations, delete_all
from conformance.verdict.signals import Inconclusive, Unsupported

BEFORE, AFTER = "list_before", "list_after"
EXTERNAL: Item = {"router:external": True}
PREFIXES = {4: "198.18.0.0/24", 6: "2001:db8:18::/56"}  # for benchmarks and for examples: nobody's
LENGTHS = {4: 28, 6: 64}


def external_networks(operator: Caller, *, owner: str, width: int) -> None:
    """Half of `width` calls make an external network that is the default, the other half turn one into it.

    What is made belongs to the project `owner`, and is removed.
    """
    _race(operator, "networks", {**EXTERNAL, "name": operator.name, "project_id": owner}, width)


def pools(operator: Caller, *, owner: str, version: int, width: int) -> None:
    """The same with subnet pools of that IP version."""
    length = LENGTHS[version]
    space = {"prefixes": [PREFIXES[version]], "min_prefixlen": length, "default_prefixlen": length}
    _race(operator, "subnetpools", {**space, "name": operator.name, "project_id": owner}, width)


def _race(operator: Caller, kind: str, body: Item, width: int) -> None:
    url = f"{operator.network_url}/{kind}"
    operator.call(BEFORE, "GET", url)
    if not _defaults(operator.history.records, BEFORE, kind):
        raise Unsupported(f"no default is set among the {kind}, and the safe form of this race needs one")
    mine: list[str] = []
    try:
        mine += [str(create(operator, kind, **body)["id"]) for _ in range(width // 2)]
        singular = {kind.removesuffix("s"): {"is_default": True}}
        calls = [Call(operator, ASK, "PUT", f"{url}/{id_}", singular, target=id_) for id_ in mine]
        release_together([*calls, *creations(operator, kind, [{**body, "is_default": True}] * len(mine))])
        operator.call(AFTER, "GET", url)
    finally:
        known = {item["id"] for item in _listed(operator.history.records, BEFORE, kind)}
        new = [item["id"] for item in _listed(operator.history.records, AFTER, kind) if _of(item, body["project_id"])]
        delete_all(operator, kind, sorted({*mine, *new} - known))


def _of(item: Item, project: str) -> bool:
    return project in (item.get("project_id"), item.get("tenant_id"))


def _listed(history: Sequence[Record], operation: str, kind: str) -> list[Item]:
    looks = [items_of(record, kind) for record in history if record.operation == operation]
    return (looks[-1] or []) if looks else []


def _defaults(history: Sequence[Record], operation: str, kind: str) -> list[str]:
    return sorted(item["id"] for item in _listed(history, operation, kind) if item.get("is_default") is True)


def all_are_refused(refusals: Refusals) -> Rule:
    """Nobody gets the place, and all are told so in the documented way."""

    def held(history: Sequence[Record]) -> list[str]:
        asked = [record for record in history if record.operation == ASK and record.completed]
        odd = {_told(record) for record in asked} - refusals
        return [f"an operator was answered {status} {kind}".rstrip() for status, kind in sorted(odd)]

    return held


def _told(record: Record) -> tuple[int, str]:
    error = record.answer.get("NeutronError") if isinstance(record.answer, dict) else None
    return record.status or 0, str(error.get("type", "")) if isinstance(error, dict) else ""


def nothing_has_changed(kind: str, owner: str) -> Rule:
    """The same defaults as before, and of the owner's nothing but what was there when the race began."""

    def held(history: Sequence[Record]) -> list[str]:
        if not any(record.operation == AFTER and record.ok for record in history):
            raise Inconclusive(f"the {kind} were not listed")
        before, after = (_defaults(history, operation, kind) for operation in (BEFORE, AFTER))
        prepared = sum(record.operation == "prepare" and record.ok for record in history)
        owned = sum(_of(item, owner) for item in _listed(history, AFTER, kind))
        return [
            *([f"the defaults were {before} and are {after}"] if before != after else []),
            *([f"{owned} {kind} are there, {prepared} were made before the race"] if owned != prepared else []),
        ]

    return held
