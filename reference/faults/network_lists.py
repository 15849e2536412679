"""Faults in lists: which items, in which order, on which page, with which fields."""

from __future__ import annotations

from typing import Any

from reference.faults.catalogue import defect
from reference.faults.network_seam import overlooking
from reference.faults.seam import around, replace
from reference.network.rest import lists


@defect("N-NET-023")
def first_value_of_a_filter_counts() -> None:
    """Of several values of a filter the first counts."""
    around(lists, "filters_of", lambda right, call: {name: values[:1] for name, values in right(call).items()})


@defect("N-NET-030")
def every_page_has_a_next() -> None:
    """The last page has a link to a next one."""
    around(lists, "page_links", lambda right, *arguments, **named: right(*arguments, **{**named, "forward": True}))


@defect("N-NET-030")
def pages_go_forwards_only() -> None:
    """page_reverse is taken and not minded."""
    replace(lists, "is_backwards", lambda _call: False)


@defect("N-NET-031")
def senseless_limits_are_none() -> None:
    """A limit that is negative or no number is no limit."""
    overlooking(lists, "page_limit", "BadRequest", 0)


@defect("N-NET-033")
def every_order_ascends() -> None:
    """sort_dir is taken and not minded."""

    def order(right: Any, resource: Any, call: Any, backwards: bool) -> list[tuple[str, bool]]:
        return [(key, not backwards) for key, _up in right(resource, call, backwards)]

    around(lists, "sort_order", order)


@defect("N-NET-033")
def unknown_sort_keys_do_not_sort() -> None:
    """A sort key that there is not is ignored."""
    overlooking(lists, "sort_order", "HTTPBadRequest", [("id", True)])


@defect("N-NET-034")
def all_fields_are_shown() -> None:
    """fields is taken and not minded."""
    replace(lists, "chosen", lambda _call, item: item)


@defect("N-NET-035", "N-RTR-020")
def unknown_filters_do_not_filter() -> None:
    """A list with a filter that there is not is the whole list."""
    overlooking(lists, "filter_conditions", "HTTPBadRequest", ([], {}))


@defect("N-NET-017")
def what_is_not_true_is_false() -> None:
    """A filter that takes a truth value takes anything else for false."""
    overlooking(lists, "converted", "InvalidInput", False)


@defect("N-NET-032")
def unknown_markers_begin_at_the_beginning() -> None:
    """A page behind an item that there is not is the first one."""
    overlooking(lists, "marker_row", "NetworkNotFound")
