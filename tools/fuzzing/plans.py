"""Plans of requests: valid ones for each operation, and odd ones, in which something is unexpected.

A plan names objects by `Ref` instead of their ids: the same seed makes the same plans, whatever ids the server makes.
"""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from fuzzing import odd
from fuzzing.description import Operation
from fuzzing.values import PICK, REFERS_TO, Draw, Ref, Schema, chance, pick, value

TOKENS = ("member",) * 10 + ("admin",) * 5 + ("reader", "other", "garbage", "")
ODDITY = 10  # in a plan with odd values, one of so many is odd
T = TypeVar("T")
Part = str | Ref  # an element of a path
Pairs = tuple[tuple[str, Any], ...]
_OWNED = ("/users/{item}/", "/users/{user}/")  # paths below a user, in which `user` is one of the callers


@dataclass(frozen=True)
class Plan:
    """A request before it is sent.

    `tail` is appended to the path as it is. `body` is bytes to be sent as they are, a value to be sent as JSON, or None
    for no body. `token` names the caller whose token is sent, or is a text to send instead of one. `operation` is the
    one whose description the request's path and method fit, None where they fit none.
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
    """`count` plans for all the operations, shuffled; always the same for the same seed `number`."""
    weights = [_weight(operation) for operation in operations]
    mixed = [
        plan
        for index, (operation, weight) in enumerate(zip(operations, weights, strict=True))
        for plan in generated(_plan(operation), -(-count * weight // sum(weights)), number * 1000 + index)
    ]
    random.Random(number).shuffle(mixed)  # noqa: S311 - an order, no secret
    return mixed[:count]


def _weight(operation: Operation) -> int:
    """How often an operation is chosen: more often if it allows more requests; DELETEs seldom, to leave objects."""
    if operation.body:
        return 9
    return 3 if operation.method == "GET" and (operation.query or "{" in operation.path) else 1


def generated(strategy: st.SearchStrategy[T], count: int, number: int) -> list[T]:
    """At most `count` values of the strategy, the same ones for the same seed `number`."""
    collected: list[T] = []

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(example: T) -> None:
        collected.append(example)

    collect()
    return collected


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
    # an odd element may make it the path of another operation
    literals = [element for element in operation.path.split("/") if not element.startswith("{")]
    fitting = operation if [part for part in path if isinstance(part, str)] == literals else None
    plan = Plan(operation.api, operation.method, path, "", tuple(query), tuple(headers), body, token, fitting)
    return pick(draw, _ODD_CHANGES)(draw, plan) if one_in and chance(draw, 3) else plan


def _path(draw: Draw, path: str, one_in: int) -> list[Part]:
    """The path's elements, with each parameter replaced by an object of its kind or by an odd text.

    The kind is the one that REFERS_TO has for the parameter, else that of the element before it.
    """
    parts: list[Part] = []
    parent = ""
    for element in path.replace(*_OWNED).split("/"):
        if not element.startswith("{"):
            parts.append(element)
        elif chance(draw, one_in):
            strange = pick(draw, odd.VALUES)
            parts.append(strange if isinstance(strange, str) else "x")
        else:
            parts.append(Ref(REFERS_TO.get(element[1:-1], parent), draw(PICK)))
        parent = element
    return parts


def _pairs(draw: Draw, name: str, schema: Schema, one_in: int) -> list[tuple[str, Any]]:
    """A query parameter with a value, or as often as the value has items."""
    drawn = value(draw, schema, name, one_in)
    drawn = drawn if isinstance(drawn, list) else [drawn]
    return [(name, item) for item in drawn if isinstance(item, str | int | float | Ref)]


def _with_odd_method(draw: Draw, plan: Plan) -> Plan:
    return replace(plan, method=pick(draw, odd.METHODS), operation=None)


def _with_odd_tail(draw: Draw, plan: Plan) -> Plan:
    return replace(plan, tail=pick(draw, odd.TAILS), operation=None)


def _with_odd_query(draw: Draw, plan: Plan) -> Plan:
    return replace(plan, query=(*plan.query, *(pick(draw, odd.QUERIES) for _ in range(pick(draw, (1, 2, 3))))))


def _with_query_twice(_draw: Draw, plan: Plan) -> Plan:
    return replace(plan, query=plan.query * 2)


def _with_odd_header(draw: Draw, plan: Plan) -> Plan:
    name, text = pick(draw, odd.HEADERS)
    others = tuple(pair for pair in plan.headers if pair[0] != name or chance(draw, 2))
    return replace(plan, headers=(*others, (name, text)))


def _with_odd_body(draw: Draw, plan: Plan) -> Plan:
    return replace(plan, body=pick(draw, odd.BODIES))


def _with_cut_body(draw: Draw, plan: Plan) -> Plan:
    whole = json.dumps(plan.body, default=str).encode()
    return replace(plan, body=whole[: draw(st.integers(0, len(whole)))])


_ODD_CHANGES: Sequence[Callable[[Draw, Plan], Plan]] = (
    _with_odd_method,
    _with_odd_tail,
    _with_odd_query,
    _with_query_twice,
    *(_with_odd_header, _with_odd_header),  # twice as often as others: there are many kinds of headers
    _with_odd_body,
    _with_cut_body,
)
