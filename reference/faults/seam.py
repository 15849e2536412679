"""How a defect is planted: a named thing of a module or class, replaced; a name that is not there is a mistake."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reference.wsgi.errors import Problem
from reference.wsgi.routes import Answer, Call

A_WHILE = 0.05  # seconds: what a step takes on a busy cloud that is over in no time here
Change = Callable[[Call, Answer], Answer]


def replace(holder: Any, name: str, by: Any) -> None:
    """Let `holder.name` be `by` from now on. Errors: AttributeError where the holder has no such name."""
    getattr(holder, name)
    setattr(holder, name, by)


def around(holder: Any, name: str, wrapper: Callable[..., Any]) -> None:
    """Let `wrapper(right, *arguments)` stand where the function stood; `right` is what it was."""
    right = getattr(holder, name)
    replace(holder, name, lambda *arguments, **named: wrapper(right, *arguments, **named))


def answering(resource: type, handler: str, change: Change) -> None:
    """Let `change` have the last word on what that handler of a resource answers."""

    def altered(right: Callable[..., Answer], self: object, call: Call) -> Answer:
        return change(call, right(self, call))

    around(resource, handler, altered)


def nothing(*_arguments: Any, **_named: Any) -> None:
    """Stands where a check stood."""


def crash(*_arguments: Any, **_named: Any) -> Any:
    """End in a 500, as if something unforeseen had happened, but without a trace in the log."""
    raise Problem(500, "HTTPInternalServerError", "Request Failed: internal server error.")
