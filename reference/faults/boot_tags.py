"""Faults in the tag on an item of networks: at which versions there is one, and what it may look like."""

from __future__ import annotations

from reference.compute.microversion import parse
from reference.faults.boot_requests import items_schema, moved
from reference.faults.catalogue import defect


@defect("C-NET-007", row="DEF-C-001")
def tags_are_never_lost() -> None:
    """A tag on an item is accepted from 2.37 to 2.41, too."""
    tag = {"type": "string"}
    items_schema(
        lambda item, version: item["properties"].setdefault("tag", tag) if version < parse("2.42") else None,
        since="2.37",
    )


@defect("C-NET-007", row="DEF-C-001")
def tags_do_not_come_back() -> None:
    """A tag on an item is refused from 2.42 on."""
    items_schema(lambda item, _version: item["properties"].pop("tag"), since="2.42")


@defect("C-NET-007")
def tags_may_be_anything() -> None:
    """A tag with a comma is accepted."""
    items_schema(lambda item, _version: item["properties"].update(tag={"type": "string"}), since="2.42")


@defect("C-NET-007", row="DEF-C-001")
def tags_come_back_too_early() -> None:
    """A tag on an item is accepted again from 2.41 on."""
    moved("2.42", version=parse("2.41"))


@defect("C-NET-007", row="DEF-C-001")
def tags_come_back_too_late() -> None:
    """A tag on an item is accepted again from 2.43 on."""
    moved("2.42", version=parse("2.43"))


@defect("C-NET-007")
def tags_too_early() -> None:
    """A tag on an item is accepted from 2.31 on."""
    moved("2.32", version=parse("2.31"))


@defect("C-NET-007")
def tags_go_too_early() -> None:
    """A tag on an item is refused at 2.36, too."""
    items_schema(
        lambda item, version: item["properties"].pop("tag", None) if version < parse("2.37") else None, since="2.33"
    )


@defect("C-NET-007")
def tags_of_any_length() -> None:
    """A tag of more than 60 characters is accepted."""
    items_schema(lambda item, _version: item["properties"]["tag"].pop("maxLength"), since="2.42")
