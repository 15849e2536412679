"""The race of operators to set a second default where there is one: all are refused, and nothing changes.

This form of the race is safe on any cloud, as the present default stays.
"""

from collections.abc import Sequence

from conformance.race.checkers.topology import refusal
from conformance.race.engine.caller import Call, Caller, release_together
from conformance.race.engine.history import Record
from conformance.race.operations.project_state import Item, items_of
from conformance.race.scenarios.contention import ASK, Refusals, Rule, create, creations, delete_all
from conformance.verdict.signals import Inconclusive, Unsupported

BEFORE, AFTER = "list_before", "list_after"
EXTERNAL: Item = {"router:external": True}
PREFIXES = {4: "198.18.0.0/24", 6: "2001:db8:18::/56"}  # reserved for benchmarks, and for documentation
LENGTHS = {4: 28, 6: 64}


def external_networks(operator: Caller, *, owner: str, width: int) -> None:
    """Half of `width` calls create an external network as the default, the other half make an existing one the default.

    What is created belongs to the project `owner`, and is deleted.
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
    created: list[str] = []
    try:
        created += [str(create(operator, kind, **body)["id"]) for _ in range(width // 2)]
        update = {kind.removesuffix("s"): {"is_default": True}}
        calls = [Call(operator, ASK, "PUT", f"{url}/{id_}", update, target=id_) for id_ in created]
        release_together([*calls, *creations(operator, kind, [{**body, "is_default": True}] * len(created))])
        operator.call(AFTER, "GET", url)
    finally:
        before, after = (_listed(operator.history.records, operation, kind) for operation in (BEFORE, AFTER))
        new = {item["id"] for item in after if _is_owned_by(item, body["project_id"])}
        delete_all(operator, kind, sorted({*created, *new} - {item["id"] for item in before}))


def _is_owned_by(item: Item, project: str) -> bool:
    return project in (item.get("project_id"), item.get("tenant_id"))


def _listed(history: Sequence[Record], operation: str, kind: str) -> list[Item]:
    """The objects of the last list by that name; no objects if there is no such list."""
    looks = [items_of(record, kind) for record in history if record.operation == operation]
    return (looks[-1] or []) if looks else []


def _defaults(history: Sequence[Record], operation: str, kind: str) -> list[str]:
    return sorted(item["id"] for item in _listed(history, operation, kind) if item.get("is_default") is True)


def all_are_refused(refusals: Refusals) -> Rule:
    """All calls of the race are refused as documented."""

    def rule(history: Sequence[Record]) -> list[str]:
        answers = {refusal(record) for record in history if record.operation == ASK and record.completed}
        return [f"an operator was answered {status} {kind}".rstrip() for status, kind in sorted(answers - refusals)]

    return rule


def nothing_has_changed(kind: str, owner: str) -> Rule:
    """The defaults are the same as before, and the owner has only what was created before the race."""

    def rule(history: Sequence[Record]) -> list[str]:
        if not any(record.operation == AFTER and record.ok for record in history):
            raise Inconclusive(f"the {kind} were not listed")
        before, after = (_defaults(history, operation, kind) for operation in (BEFORE, AFTER))
        prepared = sum(record.operation == "prepare" and record.ok for record in history)
        owned = sum(_is_owned_by(item, owner) for item in _listed(history, AFTER, kind))
        return [
            *([f"the defaults were {before} and are {after}"] if before != after else []),
            *([f"{owned} {kind} are there, {prepared} were made before the race"] if owned != prepared else []),
        ]

    return rule
