"""Faults in what a boot request is found to mean before anyone is asked: its items and its counts."""

from __future__ import annotations

from typing import Any

from reference.compute import admission
from reference.compute.errors import fault
from reference.compute.handlers import create
from reference.faults.boot_requests import requested
from reference.faults.catalogue import defect
from reference.faults.seam import around, nothing, replace


@defect("C-NET-010", row="DEF-C-006")
def empty_is_auto() -> None:
    """An empty list is taken for auto."""
    requested(lambda items: "auto" if items == [] else items)


@defect("C-NET-020", row="DEF-C-006")
def empty_is_none() -> None:
    """An empty list is taken for none."""
    requested(lambda items: "none" if items == [] else items)


@defect("C-NET-011")
def empty_items_are_ignored() -> None:
    """An item with neither uuid nor port is passed over."""
    requested(lambda items: [item for item in items if item] if isinstance(items, list) else items)


@defect("C-NET-012")
def the_network_counts_before_the_port() -> None:
    """Of an item with both uuid and port the network counts."""

    def change(items: Any) -> Any:
        if not isinstance(items, list):
            return items
        return [{k: v for k, v in item.items() if k != "port"} if item.get("uuid") else item for item in items]

    requested(change)


@defect("C-NET-013")
def a_port_may_have_a_fixed_ip() -> None:
    """The fixed_ip of an item with a port is passed over."""

    def change(items: Any) -> Any:
        if not isinstance(items, list):
            return items
        return [{k: v for k, v in item.items() if k != "fixed_ip"} if item.get("port") else item for item in items]

    requested(change)


@defect("C-NET-014", row="DEF-C-039")
def a_port_may_come_twice() -> None:
    """The same port in two items counts once."""

    def change(items: Any) -> Any:
        if not isinstance(items, list):
            return items
        return [item for number, item in enumerate(items) if not item.get("port") or item not in items[:number]]

    requested(change)


@defect("C-NET-015")
def a_network_counts_once() -> None:
    """The same network in two items gives one port."""

    def change(items: Any) -> Any:
        if not isinstance(items, list):
            return items
        return [item for number, item in enumerate(items) if item not in items[:number]]

    requested(change)


@defect("C-NET-030")
def auto_is_for_one_server() -> None:
    """The two words do not go together with several servers."""

    def refuse(right: Any, wanted: Any, count: int) -> None:
        if isinstance(wanted, str) and count > 1:
            raise fault(400, "one server at a time")
        right(wanted, count)

    around(admission, "refuse_copies", refuse)


@defect("C-MULTI-002")
def the_least_may_be_the_most() -> None:
    """A min_count above max_count is taken for both."""
    around(create, "counts", lambda right, server: right({k: v for k, v in server.items() if k != "max_count"}))


@defect("C-MULTI-007")
def several_may_share_a_port() -> None:
    """Several servers on one port are accepted."""
    replace(admission, "refuse_copies", nothing)


@defect("C-MULTI-003", "C-MULTI-004", "C-NET-030")
def the_most_does_not_count() -> None:
    """A max_count alone makes one server."""

    def counts(right: Any, server: Any) -> Any:
        return right(server if "min_count" in server else {})

    around(create, "counts", counts)


@defect("C-MULTI-007")
def several_may_share_an_address() -> None:
    """Several servers with one fixed_ip are accepted."""
    around(admission, "refuse_copies", lambda right, wanted, count: right(_without_addresses(wanted), count))


def _without_addresses(wanted: Any) -> Any:
    return wanted if isinstance(wanted, str) else [{**item, "fixed_ip": None} for item in wanted]


@defect("C-MULTI-002")
def the_least_may_be_more() -> None:
    """A min_count above max_count is cut to it."""

    def counts(right: Any, server: Any) -> Any:
        if "min_count" in server and "max_count" in server:
            server = {**server, "min_count": min(int(server["min_count"]), int(server["max_count"]))}
        return right(server)

    around(create, "counts", counts)
