"""The race for a project's default security group: the first use creates it, once, with its rules."""

from collections.abc import Callable, Iterable, Sequence

from conformance.race.engine.caller import Call, Caller, release_together
from conformance.race.engine.history import Record
from conformance.race.operations.project_state import Item, items_of, owner
from conformance.race.scenarios.contention import delete_all, winners

LIST = "list_groups"
USE = "use"


def run(caller: Caller, operator: Caller, *, width: int, rounds: Iterable[int]) -> None:
    """In each of the `rounds`, a volley of `width` calls that need the group: lists of groups, and new networks.

    An operator deletes the group before each round. The caller's race becomes the prefix of the rounds' names.
    """
    for number in rounds:
        round_caller = caller.within(f"{caller.race}-{number}")
        round_operator = operator.within(round_caller.race)
        url, networks_url = f"{caller.network_url}/security-groups", f"{caller.network_url}/networks"
        listed = round_operator.call("prepare_groups", "GET", f"{url}?project_id={caller.project}")
        delete_all(round_operator, "security-groups", [group["id"] for group in _defaults(listed, caller.project)])
        look = Call(round_caller, USE, "GET", url)
        network = Call(round_caller, "ask", "POST", networks_url, {"network": {"name": caller.name}})
        release_together([look, network] * (width // 2))
        round_caller.call(LIST, "GET", url)
        records = [record for record in caller.history.records if record.race == round_caller.race]
        delete_all(round_caller, "networks", winners(records, "networks"))


def _defaults(record: Record, project: str) -> list[Item]:
    """The project's default security groups in a list."""
    groups = items_of(record, "security_groups") or []
    return [group for group in groups if group.get("name") == "default" and owner(group) == project]


def all_are_served(history: Sequence[Record]) -> list[str]:
    used = [record for record in history if record.operation in (USE, "ask") and record.completed]
    return [f"a {record.operation} was answered {record.status}" for record in used if not record.ok]


def one_default_group(number: int) -> Callable[[Sequence[Record]], list[str]]:
    """Exactly one group in the last list, with that number of rules; and never two in any list."""

    def rule(history: Sequence[Record]) -> list[str]:
        violations = set()
        for look in (record for record in history if record.operation in (LIST, USE) and record.ok):
            groups = _defaults(look, look.project)
            if len(groups) > 1 or (look.operation == LIST and len(groups) != 1):
                violations.add(f"the default security groups are {sorted(group['id'] for group in groups)}")
            for group in groups if look.operation == LIST else ():
                rules = len(group.get("security_group_rules") or [])
                if rules != number:
                    violations.add(f"default security group {group['id']} has {rules} rules, not {number}")
        return sorted(violations)

    return rule
