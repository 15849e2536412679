"""What faults of Networking's resources have in common: where they step into the tables that describe them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.faults.seam import around, replace
from reference.network.rest import errors
from reference.network.rest.resource import Resource, Values
from reference.wsgi.context import Caller
from reference.wsgi.errors import Problem


def doing(resource: Resource, what: str, instead: Any) -> None:
    """Let `instead(right, *arguments)` stand for what the resource does there: create, update, view, visible ..."""
    right = getattr(resource, what)
    object.__setattr__(resource, what, lambda *arguments: instead(right, *arguments))


def attribute(resource: Resource, name: str, **changes: Any) -> None:
    """Let the attribute be so described."""
    resource.by_name[name] = dataclasses.replace(resource.by_name[name], **changes)


def unfiltered(resource: Resource, name: str) -> None:
    """Let the list take the filter, and not narrow by it."""
    filters = {**resource.filters, name: lambda _caller, _values: sa.true()}
    object.__setattr__(resource, "filters", filters)


def shown(resource: Resource, change: Callable[[Values], None]) -> None:
    """Let `change(item)` work on every item that is shown."""

    def view(right: Any, tx: Connection, caller: Caller, rows: list[Row[Any]]) -> list[Values]:
        items: list[Values] = right(tx, caller, rows)
        for item in items:
            change(item)
        return items

    doing(resource, "view", view)


def status_of(kind: str, status: int) -> None:
    """Let errors of the kind be answered with the status."""
    replace_error(kind, (status, errors.ERRORS[kind][1]))


def replace_error(kind: str, by: tuple[int, str]) -> None:
    """Let errors of the kind have that status and sentence. Errors: KeyError where there is no such kind."""
    errors.ERRORS[kind]
    errors.ERRORS[kind] = by


def type_of(kind: str, other: str) -> None:
    """Let errors of the kind be answered as another."""
    right = errors.dialect

    def dialect(problem: Problem) -> object:
        other_kind = other if problem.kind == kind else problem.kind
        return right(dataclasses.replace(problem, kind=other_kind))

    replace(errors, "dialect", dialect)


def overlooking(holder: Any, name: str, kind: str, otherwise: Any = None) -> None:
    """Let the function return `otherwise` where it would refuse with an error of the kind."""

    def overlooked(right: Any, *arguments: Any, **named: Any) -> Any:
        try:
            return right(*arguments, **named)
        except Problem as refused:
            if refused.kind != kind:
                raise
            return otherwise

    around(holder, name, overlooked)


def with_role(caller: Caller, role: str) -> Caller:
    return dataclasses.replace(caller, roles=caller.roles | {role})
