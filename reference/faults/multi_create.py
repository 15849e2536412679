"""Faults in what several servers of one request are called, and how they are found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from reference.compute import server_list, timestamps
from reference.compute.handlers import create
from reference.compute.handlers.servers import Servers
from reference.compute.tables import servers
from reference.faults.catalogue import defect
from reference.faults.seam import answering, around, replace
from reference.wsgi.routes import Answer, Call


@defect("C-MULTI-004", row="DEF-C-066")
def names_count_from_zero() -> None:
    """Servers of one request are numbered from 0."""
    _names(lambda base, index, _count: f"{base}-{index}")


@defect("C-MULTI-004", row="DEF-C-066")
def names_are_the_same() -> None:
    """Servers of one request all have its name."""
    _names(lambda base, _index, _count: base)


@defect("C-MULTI-004", row="DEF-C-066")
def names_in_three_digits() -> None:
    """Servers of one request are numbered -001, -002 and so on."""
    _names(lambda base, index, count: f"{base}-{index + 1:03d}" if count > 1 else base)


@defect("C-MULTI-004", row="DEF-C-066")
def a_single_server_is_numbered() -> None:
    """A server that is the only one of its request is numbered, too."""
    _names(lambda base, index, _count: f"{base}-{index + 1}")


def _names(name: Any) -> None:
    def rows(right: Any, server: Any, common: Any, count: int) -> Any:
        made = right(server, common, count)
        return [{**row, "name": name(server["name"], index, count)} for index, row in enumerate(made)]

    around(create, "_rows", rows)


@defect("C-MULTI-003", "C-MULTI-004", row="DEF-C-034")
def fewer_servers_than_asked() -> None:
    """Of several servers asked for one is made."""
    around(create, "_rows", lambda right, server, common, count: right(server, common, count)[:1])


@defect("C-MULTI-005")
def reservations_are_not_told() -> None:
    """With return_reservation_id the 202 describes a server as ever."""
    replace(create, "is_true", lambda _value: False)


@defect("C-MULTI-005")
def reservations_are_no_filter() -> None:
    """The filter reservation_id finds nothing."""
    answering(Servers, "detail", _reserved)
    answering(Servers, "index", _reserved)


def _reserved(call: Call, answer: Answer) -> Answer:
    return Answer({"servers": []}) if call.query("reservation_id") else answer


@defect("C-MULTI-003")
def new_servers_are_listed_later() -> None:
    """A server comes into the list a second after it was accepted."""

    def owner(right: Any, call: Call) -> Any:
        lately = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
        return sa.and_(right(call), servers.c.created_at < timestamps.parse(lately))

    around(server_list, "_owner", owner)


@defect("C-MULTI-005", "C-NET-030")
def each_server_is_a_reservation() -> None:
    """Servers of one request have a reservation each."""

    def rows(right: Any, server: Any, common: Any, count: int) -> Any:
        made = right(server, common, count)
        return [{**row, "reservation_id": row["reservation_id"] + "x" * index} for index, row in enumerate(made)]

    around(create, "_rows", rows)
