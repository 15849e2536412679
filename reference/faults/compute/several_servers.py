"""Faults in requests for several servers: how many there are, what they are called, how they are found."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from reference.catalogue import Plant
from reference.compute import admission, quotas, server_list, servers, tables, timestamps
from reference.compute.errors import fault as compute_error
from reference.compute.handlers import create
from reference.compute.handlers.servers import Servers
from reference.faults.catalogue import entry, fault, table
from reference.faults.seams import Wrapper, answering, around, changed, replaced, together, without, without_keys
from reference.wsgi.routes import Answer, Call


def _named(name: Callable[[str, int, int], str]) -> Plant:
    """Let servers be called `name(base, index, count)`, the base being the name in the request."""

    def server_rows(right: Wrapper, server: Any, common: Any, count: int) -> Any:
        rows = enumerate(right(server, common, count))
        return [{**row, "name": name(server["name"], index, count)} for index, row in rows]

    return around(create, "server_rows")(server_rows)


def _room(choice: Callable[[Callable[[int, int], int], int, int], int]) -> Plant:
    """Let `choice(room, least, most)` decide for how many servers there is room; `room(least, most)` is right."""

    def room(right: Wrapper, tx: Any, project: str, flavor: Any, least: int, most: int) -> int:
        return choice(lambda low, high: right(tx, project, flavor, low, high), least, most)

    return around(quotas, "room")(room)


def _counted(change: Callable[[Any], Any]) -> Plant:
    """Read the numbers of servers from `change(server)`."""
    return around(create, "counts")(lambda right, server: right(change(server)))


def _reserved(call: Call, answer: Answer) -> Answer:
    return Answer({"servers": []}) if call.query("reservation_id") else answer


def _later(**values: Any) -> Plant:
    """Let the servers of a request after its first have those values."""

    def server_rows(right: Wrapper, server: Any, common: Any, count: int) -> Any:
        first, *others = right(server, common, count)
        return [first, *({**row, **values} for row in others)]

    return around(create, "server_rows")(server_rows)


def _without_addresses(attachment: Any) -> Any:
    return attachment if isinstance(attachment, str) else [{**item, "fixed_ip": None} for item in attachment]


table(
    entry("names-count-from-zero", "C-MULTI-004", row="DEF-C-066")(
        "Servers of one request are numbered from 0.", _named(lambda base, index, _count: f"{base}-{index}")
    ),
    entry("names-are-the-same", "C-MULTI-004", row="DEF-C-066")(
        "Servers of one request all have its name.", _named(lambda base, _index, _count: base)
    ),
    entry("names-in-three-digits", "C-MULTI-004", row="DEF-C-066")(
        "Servers of one request are numbered -001, -002 and so on.",
        _named(lambda base, index, count: f"{base}-{index + 1:03d}" if count > 1 else base),
    ),
    entry("a-single-server-is-numbered", "C-MULTI-004", row="DEF-C-066")(
        "A server that is the only one of its request is numbered, too.",
        _named(lambda base, index, _count: f"{base}-{index + 1}"),
    ),
    entry("fewer-servers-than-asked", "C-MULTI-003", "C-MULTI-004", row="DEF-C-034")(
        "A request for several servers creates one.", changed(create, "server_rows", lambda rows: rows[:1])
    ),
    entry("reservations-are-not-told", "C-MULTI-005")(
        "With return_reservation_id the 202 describes a server as ever.",
        replaced(create, "is_true", lambda _value: False),
    ),
    entry("reservations-are-no-filter", "C-MULTI-005")(
        "The filter reservation_id finds nothing.",
        together(answering(Servers, "detail")(_reserved), answering(Servers, "index")(_reserved)),
    ),
    entry("each-server-is-a-reservation", "C-MULTI-005", "C-NET-030")(
        "Servers of one request have a reservation each.",
        changed(
            create,
            "server_rows",
            lambda rows: [
                {**row, "reservation_id": row["reservation_id"] + "x" * index} for index, row in enumerate(rows)
            ],
        ),
    ),
    entry("servers-are-not-counted", "C-ERR-021")(
        "A request is accepted though the quota leaves no room for a server.", _room(lambda _right, _least, most: most)
    ),
    entry("fewer-than-the-least-will-do", "C-ERR-021", "C-MULTI-006", row="DEF-C-034")(
        "A request is accepted though the quota leaves room for fewer servers than it wants at least.",
        _room(lambda right, _least, most: right(1, most)),
    ),
    entry("the-most-is-wanted-or-nothing", "C-ERR-022", "C-MULTI-006")(
        "A request is refused where the quota leaves room for fewer servers than it wants at most.",
        _room(lambda right, _least, most: right(most, most)),
    ),
    entry("the-least-may-be-the-most", "C-MULTI-002")(
        "A min_count above max_count is taken for both.", _counted(lambda server: without_keys(server, "max_count"))
    ),
    entry("several-may-share-a-port", "C-MULTI-007")(
        "Several servers on one port are accepted.", without(admission, "refuse_copies")
    ),
    entry("the-most-does-not-count", "C-MULTI-003", "C-MULTI-004", "C-NET-030")(
        "A max_count alone makes one server.", _counted(lambda server: server if "min_count" in server else {})
    ),
    entry("later-servers-have-no-metadata", "C-MULTI-012")(
        "The servers of a request after its first have no metadata.", _later(metadata={})
    ),
    entry("later-servers-are-of-another-user", "C-MULTI-012")(
        "The servers of a request after its first show another user.", _later(user_id="9" * 32)
    ),
    entry("later-servers-are-of-another-image", "C-MULTI-012")(
        "The servers of a request after its first show another image.",
        _later(image_id="99999999-9999-4999-8999-999999999999"),
    ),
    entry("several-may-share-an-address", "C-MULTI-007")(
        "Several servers with one fixed_ip are accepted.",
        around(admission, "refuse_copies")(
            lambda right, attachment, count: right(_without_addresses(attachment), count)
        ),
    ),
)


@fault("C-MULTI-003", at=around(server_list, "owner_condition"))
def new_servers_are_listed_later(right: Wrapper, call: Call) -> Any:
    """A server comes into the list a second after it was accepted."""
    lately = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    return sa.and_(right(call), tables.servers.c.created_at < timestamps.parse(lately))


@fault("C-MULTI-006", at=around(create, "server_rows"), row="DEF-C-066")
def one_of_several_is_numbered(right: Wrapper, server: Any, common: Any, count: int) -> Any:
    """If the quota leaves room for one server only, that is numbered."""
    rows = right(server, common, count)
    several = count == 1 and int(server.get("max_count", 1)) > 1
    return [{**row, "name": f"{row['name']}-1"} for row in rows] if several else rows


@fault("C-MULTI-010", at=around(servers, "delete"))
def one_that_goes_takes_the_others_along(right: Wrapper, tx: Any, call: Any, server: str, *more: Any) -> Any:
    """Deleting one server of a request while they are built puts the others in ERROR."""
    row = servers.find(tx, call, server)
    right(tx, call, server, *more)
    others = sa.and_(tables.servers.c.reservation_id == row.reservation_id, tables.servers.c.id != server)
    fault = {"code": 500, "created": timestamps.whole(timestamps.now()), "message": "a sibling went"}
    tx.execute(tables.work.delete().where(tables.work.c.server_id.in_(sa.select(tables.servers.c.id).where(others))))
    tx.execute(tables.servers.update().where(others).values(vm_state="error", task_state=None, fault=fault))


@fault("C-NET-030", at=around(admission, "refuse_copies"))
def auto_is_for_one_server(right: Wrapper, attachment: Any, count: int) -> None:
    """The two words do not go together with several servers."""
    if isinstance(attachment, str) and count > 1:
        raise compute_error(400, "one server at a time")
    right(attachment, count)


@fault("C-MULTI-002", at=around(create, "counts"))
def the_least_may_be_more(right: Wrapper, server: Any) -> Any:
    """A min_count above max_count is cut to it."""
    if "min_count" in server and "max_count" in server:
        server = {**server, "min_count": min(int(server["min_count"]), int(server["max_count"]))}
    return right(server)
