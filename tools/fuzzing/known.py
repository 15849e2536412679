"""Ids that requests may refer to, by kind, learnt from answers; a kind has the name of its collection's path."""

import uuid
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Set
from dataclasses import replace
from typing import Any

from fuzzing.plans import Plan
from fuzzing.values import Ref
from fuzzing.wire import Answer

MOST = 30  # ids of a kind; the oldest are dropped first


class Known:
    """A store of ids, which begins with those of `start`; of `spared` it learns none."""

    def __init__(self, start: Mapping[str, Iterable[str]] = {}, spared: Set[str] = frozenset()) -> None:
        self.spared = spared
        self.ids: dict[str, deque[str]] = defaultdict(lambda: deque(maxlen=MOST))
        for kind, ids in start.items():
            self.ids[kind].extend(ids)

    def learn(self, plan: Plan, answer: Answer) -> None:
        """Add the ids in the answer, remove the one that it says is deleted."""
        kind = str(plan.path[2]) if len(plan.path) > 2 else ""
        if not kind:
            return
        if answer.status == 204 and plan.method == "DELETE" and len(plan.path) == 4:
            ids = self.ids[kind]
            if plan.path[3] in ids:
                ids.remove(str(plan.path[3]))
        elif 200 <= answer.status < 300 and answer.body and len(plan.path) in (3, 4):
            for item in _items(answer):
                if item not in self.ids[kind] and item not in self.spared:
                    self.ids[kind].append(item)

    def settle(self, plan: Plan) -> Plan:
        """The plan with an id for each reference; an unknown one where there is none of that kind."""
        return replace(
            plan,
            path=tuple(self._settled(part) for part in plan.path),
            query=tuple((name, self._settled(value)) for name, value in plan.query),
            body=self._settled(plan.body),
        )

    def _settled(self, value: Any) -> Any:
        if isinstance(value, Ref):
            ids = self.ids.get(value.kind)
            return ids[value.pick % len(ids)] if ids else str(uuid.UUID(int=value.pick))
        if isinstance(value, dict):
            return {name: self._settled(inner) for name, inner in value.items()}
        return [self._settled(inner) for inner in value] if isinstance(value, list) else value


def _items(answer: Answer) -> list[str]:
    try:
        contents = [content for content in answer.json().values() if isinstance(content, dict | list)]
    except ValueError:
        return []
    items = [item for content in contents for item in (content if isinstance(content, list) else [content])]
    return [item["id"] for item in items if isinstance(item, dict) and isinstance(item.get("id"), str)]
