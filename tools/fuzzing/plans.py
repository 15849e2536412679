"""Requests as they are thought up: an operation, what it is given, and what is broken about it.

A plan names things it does not know yet (`Ref`): the same seed makes the same plans, whatever ids the server chooses.
"""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from fuzzing import odd
from fuzzing.description import Operation
from fuzzing.values import MEANT, PICK, Draw, Ref, Schema, chance, pick, value

TOKENS = ("member",) * 10 + ("admin",) * 5 + ("reader", "other", "garbage", "")
ODDITY = 10  # of a plan that is to be odd, one value in so many is
Part = str | Ref
Pairs = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Plan:
    """A request before it is sent. `body` is bytes as they are, or a value to be written as JSON, None for none.

    `tail` stands behind the path as it is. `operation` is the one it follows, None where it is none any more; `token`
    says whose it carries.
    """

    api: str
    method: str
    path: tuple[Part, ...]
    tail: str = ""
    query: Pairs = ()
    headers: Pairs = ()
    body: Any = None
    token: str = ""
    operation: Operation | None = None


def plans(operations: Sequence[Operation], count: int, number: int) -> list[Plan]:
    """About so many plans over all the operations, mixed; the same ones for the same seed."""
    weights = [_weight(each) for each in operations]
    made = [
        plan
        for index, (operation, weight) in enumerate(zip(operations, weights, strict=True))
        for plan in _of(operation, -(-count * weight // sum(weights)), number * 1000 + index)
    ]
    random.Random(number).shuffle(made)  # noqa: S311 - an order, no secret
    return made[:count]


def _weight(operation: Operation) -> int:
    """How often an operation is chosen: by how much there is to say; what deletes leaves little to ask for."""
    if operation.body:
        return 9
    return 3 if operation.method == "GET" and (operation.query or "{" in operation.path) else 1


def _of(operation: Operation, count: int, number: int) -> list[Plan]:
    made: list[Plan] = []

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(_plan(operation))
    def collect(plan: Plan) -> None:
        made.append(plan)

    collect()
    return made


@st.composite
def _plan(draw: Draw, operation: Operation) -> Plan:
    one_in = ODDITY if pick(draw, (True, False)) else 0
    path = tuple(_path(draw, operation.path, one_in))
    query = [
        pair
        for name, schema in operation.query.items()
        if chance(draw, 8)
        for pair in _pairs(draw, name, schema, one_in)
    ]
    headers = [(name, pick(draw, schema["enum"])) for name, schema in operation.headers.items() if not chance(draw, 5)]
    body = None if operation.body is None else value(draw, operation.body, one_in=one_in)
    token = pick(draw, TOKENS)
    # an odd element may make another path of it, with operations of its own
    follows = operation if [part for part in path if isinstance(part, str)] == _literals(operation.path) else None
    plan = Plan(operation.api, operation.method, path, "", tuple(query), tuple(headers), body, token, follows)
    return pick(draw, _BREAKS)(draw, plan) if one_in and chance(draw, 3) else plan


def _literals(path: str) -> list[str]:
    return [element for element in path.split("/") if not element.startswith("{")]


def _path(draw: Draw, path: str, one_in: int) -> list[Part]:
    """The path's elements, parameters filled in: an id of what the element before names, or something odd."""
    parts: list[Part] = []
    before = ""
    for element in path.split("/"):
        if not element.startswith("{"):
            parts.append(element)
        elif chance(draw, one_in):
            strange = pick(draw, odd.VALUES)
            parts.append(strange if isinstance(strange, str) else "x")
        else:
            parts.append(Ref(MEANT.get(element[1:-1], before), draw(PICK)))
        before = element
    return parts


def _pairs(draw: Draw, name: str, schema: Schema, one_in: int) -> list[tuple[str, Any]]:
    given = value(draw, schema, name, one_in)
    given = given if isinstance(given, list) else [given]
    return [(name, each) for each in given if isinstance(each, str | int | float | Ref)]


def _method(draw: Draw, plan: Plan) -> Plan:
    return replace(plan, method=pick(draw, odd.METHODS), operation=None)


def _stray(draw: Draw, plan: Plan) -> Plan:
    return replace(plan, tail=pick(draw, odd.TAILS), operation=None)


def _asked(draw: Draw, plan: Plan) -> Plan:
    return replace(plan, query=(*plan.query, *(pick(draw, odd.QUERIES) for _ in range(pick(draw, (1, 2, 3))))))


def _twice(_draw: Draw, plan: Plan) -> Plan:
    return replace(plan, query=plan.query * 2)


def _header(draw: Draw, plan: Plan) -> Plan:
    name, text = pick(draw, odd.HEADERS)
    kept = tuple(pair for pair in plan.headers if pair[0] != name or chance(draw, 2))
    return replace(plan, headers=(*kept, (name, text)))


def _content(draw: Draw, plan: Plan) -> Plan:
    return replace(plan, body=pick(draw, odd.BODIES))


def _cut(draw: Draw, plan: Plan) -> Plan:
    whole = json.dumps(plan.body, default=str).encode()
    return replace(plan, body=whole[: draw(st.integers(0, len(whole)))])


_BREAKS: Sequence[Callable[[Draw, Plan], Plan]] = (_method, _stray, _asked, _twice, _header, _header, _content, _cut)
