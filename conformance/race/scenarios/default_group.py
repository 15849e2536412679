"""The race for a project's default security group, which whoever needs it first has made: once, with its rules."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from conformance.race.engine.caller import Call, Caller, release_together
from conformance.race.engine.history import Record
from conformance.race.operations.project_state import Item, items_of, owner
from conformance.race.scenarios.contention import delete_all, winners

LIST = "list_groups"
USE = "use"


def run(caller: Caller, operator: Caller, *, width: int, rounds: Iterable[int]) -> None:
    """In each of the `rounds`, a volley of `width` calls that need the group: looks at the groups, and new networks.

    An operator deletes the group before each, so that it is the project's first use. The caller's race becomes the
    prefix of their names.
    """
    for number in rounds:
        here = caller.within(f"{caller.race}-{number}")
        url = f"{here.network_url}/security-groups"
        mine = f"{url}?project_id={here.project}"
        found = operator.within(here.race).call("prepare_groups", "GET", mine)
        delete_all(
            operator.within(here.race), "security-groups", [group["id"] for group in _defaults(found, here.project)]
        )
        look = Call(here, USE, "GET", url)
        network = Call(here, "ask", "POST", f"{here.network_url}/networks", {"network": {"name": here.name}})
        release_together([look, network] * (width // 2))
        here.call(LIST, "GET", url)
        create = winners([record for record in caller.history.records if record.race == here.race], "networks")
        delete_all(here, "networks", create)


def _defaults(record: Record, project: str) -> list[Item]:
    groups = items_of(record, "security_groups") or []
    return [group for group in groups if group.get("name") == "default" and owner(group) == project]


def all_are_served(history: Sequence[Record]) -> list[str]:
    used = [record for record in history if record.operation in (USE, "ask") and record.completed]
    return [f"a {record.operation} was answered {record.status}" for record in used if not record.ok]


def one_default_group(rules: int) -> Callable[[Sequence[Record]], list[str]]:
    """Exactly one by the last look, with so many rules; and never two at once in anybody's eyes."""
    return partial(_one_default_group, rules)


def _one_default_group(number: int, history: Sequence[Record]) -> list[str]:
    looks = [record for record in history if record.operation in (LIST, USE) and record.ok]
    violations = []
    for look in looks:
        found = _defaults(look, look.project)
        ids = sorted(group["id"] for group in found)
        if len(found) > 1 or (look.operation == LIST and len(found) != 1):
            violations.append(f"the default security groups are {ids}")
        for group in found if look.operation == LIST else ():
            rules = group.get("security_group_rules") or []
            if len(rules) != number:
                violations.append(f"default security group {group['id']} has {len(rules)} rules, not {number}")
    return sorted(set(violations))
