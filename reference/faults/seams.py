"""How a fault is planted: one name of a module, a class or a resource gets another value.

A verb returns a `Plant`, such as `without(subnet_prefixes, "refuse_overlap")`. A seam returns a function that makes a
`Plant` of the replacement, such as `around(subnet_prefixes, "allocate")`. The name is looked up when the fault is
planted, so that several faults can be planted together, and a name that no longer exists fails at once. A wrapper gets
the replaced function as its first argument, `right`.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Row

from reference.catalogue import Plant
from reference.network.rest import errors
from reference.network.rest.resource import Resource, Values
from reference.wsgi.context import Caller
from reference.wsgi.errors import Problem
from reference.wsgi.routes import Answer, Call

A_WHILE = 0.05  # seconds that a step, which is over at once here, may take on a busy cloud
ADMINISTRATOR = Caller("", "", frozenset({"admin"}), "")  # of no project; sees everything
Change = Callable[[Call, Answer], Answer]
Wrapper = Callable[..., Any]
Seam = Callable[[Wrapper], Plant]


def replace(holder: Any, name: str, value: Any) -> None:
    """Let `holder.name` be the value from now on. Raises AttributeError where the holder has no such name."""
    getattr(holder, name)
    if isinstance(holder, Resource):  # a frozen dataclass
        object.__setattr__(holder, name, value)
    else:
        setattr(holder, name, value)


def wrap(holder: Any, name: str, wrapper: Wrapper) -> None:
    """Replace the function by `wrapper(right, *arguments)` from now on; `right` is the function replaced."""
    right = getattr(holder, name)
    replace(holder, name, lambda *arguments, **named: wrapper(right, *arguments, **named))


def replaced(holder: Any, name: str, value: Any) -> Plant:
    return lambda: replace(holder, name, value)


def altered(holder: Any, name: str, change: Callable[[Any], Any]) -> Plant:
    """Let the value be `change(value)`."""
    return lambda: replace(holder, name, change(getattr(holder, name)))


def without(holder: Any, name: str) -> Plant:
    """Let the function, such as a check, do nothing."""
    return replaced(holder, name, nothing)


def instead_of(holder: Any, name: str) -> Seam:
    return lambda function: replaced(holder, name, function)


def around(holder: Any, name: str) -> Seam:
    return lambda wrapper: lambda: wrap(holder, name, wrapper)


def together(*plants: Plant) -> Plant:
    def plant() -> None:
        for one in plants:
            one()

    return plant


def changed(holder: Any, name: str, change: Callable[[Any], Any]) -> Plant:
    """Let the function return what `change(result)` makes of its result."""
    return around(holder, name)(lambda right, *arguments, **named: change(right(*arguments, **named)))


def spoiled(holder: Any, name: str, spoil: Callable[[Any], object]) -> Plant:
    """Let `spoil(result)` work on what the function returns."""

    def spoiling(right: Wrapper, *arguments: Any, **named: Any) -> Any:
        result = right(*arguments, **named)
        spoil(result)
        return result

    return around(holder, name)(spoiling)


def lacking(holder: Any, name: str, *keys: str) -> Plant:
    """Let the dict that the function returns lack those keys."""
    return changed(holder, name, lambda result: without_keys(result, *keys))


def answering(resource: type, handler: str) -> Callable[[Change], Plant]:
    """Let `change(call, answer)` return the final answer of that handler of a resource."""

    def seam(change: Change) -> Plant:
        return around(resource, handler)(lambda right, self, call: change(call, right(self, call)))

    return seam


def forgiving(
    holder: Any, name: str, otherwise: Any = None, *, kind: str = "", status: int = 0, words: str = ""
) -> Plant:
    """Let the function return `otherwise` where it would refuse by an error of that kind, status or message."""

    def forgive(right: Wrapper, *arguments: Any, **named: Any) -> Any:
        try:
            return right(*arguments, **named)
        except Problem as refused:
            if kind not in ("", refused.kind) or status not in (0, refused.status) or words not in refused.message:
                raise
            return otherwise

    return around(holder, name)(forgive)


def falling_back(holder: Any, name: str, otherwise: Wrapper) -> Plant:
    """Let the function return `otherwise(right, *arguments)` where it would refuse."""

    def fall_back(right: Wrapper, *arguments: Any) -> Any:
        try:
            return right(*arguments)
        except Problem:
            return otherwise(right, *arguments)

    return around(holder, name)(fall_back)


def refusing(holder: Any, name: str) -> Callable[[Callable[[Problem], Problem]], Plant]:
    """Let the function refuse by `change(problem)` where it refuses by a problem."""

    def seam(change: Callable[[Problem], Problem]) -> Plant:
        def refuse(right: Wrapper, *arguments: Any, **named: Any) -> Any:
            try:
                return right(*arguments, **named)
            except Problem as problem:
                raise change(problem) from None

        return around(holder, name)(refuse)

    return seam


def as_role(holder: Any, name: str, role: str) -> Plant:
    """Let the function take its caller, who is its second argument, for one who has that role as well."""
    return around(holder, name)(
        lambda right, first, caller, *arguments: right(first, with_role(caller, role), *arguments)
    )


def nothing(*_arguments: Any, **_named: Any) -> None:
    """Replaces a check, and does nothing."""


def crash(*_arguments: Any, **_named: Any) -> Any:
    """End in a 500, as if something unforeseen had happened, but without a trace in the log."""
    raise broken()


def broken(*_refused: Problem) -> Problem:
    """A 500, in place of the error by which a request would be refused."""
    return Problem(500, "HTTPInternalServerError", "Request Failed: internal server error.")


def without_keys(values: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key not in keys}


def body_of(answer: Answer) -> Any:
    """The body of the answer, typed loosely for code that looks into it; mostly a dict."""
    return answer.body


def with_role(caller: Caller, role: str) -> Caller:
    return dataclasses.replace(caller, roles=caller.roles | {role})


# of Networking's resources, which are tables themselves


def attribute(resource: Resource, name: str, **changes: Any) -> Plant:
    """Let the attribute be described with those changes."""

    def plant() -> None:
        resource.by_name[name] = dataclasses.replace(resource.by_name[name], **changes)

    return plant


def unfiltered(resource: Resource, name: str) -> Plant:
    """Let the list accept the filter, and not apply it."""
    return altered(resource, "filters", lambda filters: {**filters, name: lambda _caller, _values: sa.true()})


def shown(resource: Resource) -> Callable[[Callable[[Values], object]], Plant]:
    """Let `change(item)` work on every item that is shown."""

    def seam(change: Callable[[Values], object]) -> Plant:
        return spoiled(resource, "view", lambda items: [change(item) for item in items])

    return seam


def updating(resource: Resource) -> Callable[[Callable[[Row[Any], Values], Values]], Plant]:
    """Let an update set the values that `change(row, values)` returns; it may also refuse the update."""

    def seam(change: Callable[[Row[Any], Values], Values]) -> Plant:
        return around(resource, "update")(
            lambda right, tx, caller, row, values: right(tx, caller, row, change(row, values))
        )

    return seam


def unchanged(resource: Resource, *names: str) -> Plant:
    """Let an update leave those attributes as they are."""
    return updating(resource)(lambda _row, values: without_keys(values, *names))


def seen_by_all(resource: Resource) -> Plant:
    """Let everybody see the objects of all projects."""
    return around(resource, "visible")(lambda right, _caller: right(ADMINISTRATOR))


def refused_with(kind: str, status: int, sentence: str = "") -> Plant:
    """Let errors of the kind have that status, and that sentence if one is given."""

    def plant() -> None:
        errors.ERRORS[kind] = (status, sentence or errors.ERRORS[kind][1])

    return plant


def refused_as(kind: str, other: str) -> Plant:
    """Let errors of the kind be answered as another."""

    def dialect(right: Wrapper, problem: Problem) -> object:
        return right(dataclasses.replace(problem, kind=other) if problem.kind == kind else problem)

    return around(errors, "dialect")(dialect)
