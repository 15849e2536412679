"""Faults in the schema of a boot request: what its networks may be, at which version."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable
from dataclasses import replace as with_changes
from functools import cached_property
from typing import Any

from jsonschema import Draft202012Validator

from reference.compute import admission
from reference.compute.handlers import create
from reference.compute.microversion import Version, parse
from reference.compute.schemas.history import History, Schema, Since
from reference.compute.schemas.servers import CREATE
from reference.compute.schemas.types import FORMATS
from reference.faults.catalogue import defect
from reference.faults.seam import around, nothing, replace

Edit = Callable[[Schema, Version], None]  # works on the properties of `server` at a version


def requested(change: Callable[[Any], Any]) -> None:
    """Let `change(items)` work on what a body asks for before it is looked at."""
    around(admission, "requested", lambda right, items: right(change(items)))


class Edited(History):
    """A history whose every schema has been worked on."""

    def __init__(self, right: History, edit: Edit) -> None:
        super().__init__(right.first, *right.changes)
        self.edit = edit

    @cached_property
    def ranges(self) -> tuple[list[Version], list[Draft202012Validator]]:
        starts, validators = super().ranges
        schemas = [copy.deepcopy(each.schema) for each in validators]
        for start, schema in zip(starts, schemas, strict=True):
            self.edit(schema["properties"]["server"], start)  # type: ignore[index]
        return starts, [Draft202012Validator(schema, format_checker=FORMATS) for schema in schemas]


def server_schema(edit: Edit) -> None:
    """Work on the schema of `server` at every version."""
    replace(create, "CREATE", Edited(CREATE, edit))


def _networks(edit: Edit, *, since: str = "2.37") -> None:
    """Work on the schema of `networks`, where the two words are known."""

    def work(server: Schema, version: Version) -> None:
        if version >= parse(since):
            edit(server["properties"]["networks"], version)

    server_schema(work)


def items_schema(edit: Edit, *, since: str = "2.1") -> None:
    """Work on the schema of an item of `networks`."""

    def work(server: Schema, version: Version) -> None:
        if version >= parse(since):
            networks = server["properties"]["networks"]
            edit((networks["oneOf"][0] if "oneOf" in networks else networks)["items"], version)

    server_schema(work)


@defect("C-NET-005", row="DEF-C-005")
def auto_too_early() -> None:
    """The two words are understood one microversion before there are any."""
    changes = (
        with_changes(each, version=parse("2.36")) if each.version == parse("2.37") else each for each in CREATE.changes
    )
    replace(create, "CREATE", History(CREATE.first, *changes))


@defect("C-NET-005", row="DEF-C-005")
def auto_at_every_version() -> None:
    """A body is read by the newest schema, whatever version is asked for."""
    newest = CREATE.ranges[1][-1].schema

    def edit(server: Schema, _version: Version) -> None:
        server.update(copy.deepcopy(newest["properties"]["server"]))  # type: ignore[index]

    server_schema(edit)


@defect("C-NET-001", row="DEF-C-002")
def networks_are_optional() -> None:
    """From 2.37 on networks may be left out."""
    server_schema(lambda server, _version: server.update(required=["name", "flavorRef"]))


@defect("C-NET-002")
def any_word_will_do() -> None:
    """Any string may stand for networks; what is not none is auto."""
    _networks(lambda networks, _version: networks["oneOf"][1].pop("enum"))
    requested(lambda items: admission.AUTO if isinstance(items, str) and items != admission.NONE else items)


@defect("C-NET-002")
def words_in_any_case() -> None:
    """AUTO and None are understood, too."""
    words = [word for name in ("auto", "none") for word in (name, name.upper(), name.capitalize())]
    _networks(lambda networks, _version: networks["oneOf"][1].update(enum=words))
    requested(lambda items: items.lower() if isinstance(items, str) else items)


@defect("C-NET-003")
def null_is_nothing() -> None:
    """Null in place of networks is taken for an empty list."""
    _networks(lambda networks, _version: networks["oneOf"].append({"type": "null"}))


@defect("C-NET-003")
def networks_may_be_an_object() -> None:
    """An object in place of networks is taken for its list of one."""
    _networks(lambda networks, _version: networks["oneOf"].append({"type": "object"}))
    requested(lambda items: [] if isinstance(items, dict) else items)


@defect("C-NET-004", row="DEF-C-004")
def a_list_of_auto_is_auto() -> None:
    """The list of the one word auto is the word."""
    _networks(lambda networks, _version: networks["oneOf"].append({"enum": [["auto"], ["none"]]}))
    requested(lambda items: items[0] if items in (["auto"], ["none"]) else items)


@defect("C-NET-004", row="DEF-C-004")
def auto_as_a_uuid() -> None:
    """An item whose uuid is auto stands for the word."""
    items_schema(lambda item, _version: item["properties"].update(uuid={"type": "string"}), since="2.37")
    requested(lambda items: "auto" if items == [{"uuid": "auto"}] else items)


@defect("C-NET-006")
def unknown_keys_are_ignored() -> None:
    """An item of networks may have keys that nobody knows."""
    items_schema(lambda item, _version: item.update(additionalProperties=True))


@defect("C-NET-008")
def uuids_are_not_looked_at() -> None:
    """The uuid of an item may be any string but an empty one."""
    text = {"type": "string", "minLength": 1}
    items_schema(lambda item, _version: item["properties"].update(uuid=text), since="2.37")
    _unseen_by_admission()


@defect("C-NET-008")
def uuids_in_one_form_only() -> None:
    """A UUID without dashes is refused."""
    dashed = {"type": "string", "pattern": "^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$"}
    items_schema(lambda item, _version: item["properties"].update(uuid=dashed), since="2.37")


@defect("C-NET-009")
def uuids_are_not_looked_at_early() -> None:
    """Below 2.37 a uuid that is none is looked for, and not found is not refused."""
    _unseen_by_admission()


def _unseen_by_admission() -> None:
    replace(admission, "require_uuid", nothing)
    around(
        admission, "room", lambda right, networks, project, wanted, most: right(networks, project, _real(wanted), most)
    )


def _real(wanted: Any) -> Any:
    if isinstance(wanted, str):
        return wanted
    return [item for item in wanted if not item.get("uuid") or _is_uuid(item["uuid"])]


def _is_uuid(text: str) -> bool:
    try:
        return bool(uuid.UUID(text))
    except ValueError:
        return False


@defect("C-NET-016")
def a_fixed_ip_may_be_anything() -> None:
    """A fixed_ip that is no address is passed over."""
    items_schema(lambda item, _version: item["properties"].update(fixed_ip={"type": "string"}))
    around(admission, "room", lambda _right, _networks, _project, _wanted, most: most)


@defect("C-MULTI-001")
def no_server_is_a_number() -> None:
    """A min_count of 0 is accepted, and makes one server."""

    def edit(server: Schema, _version: Version) -> None:
        server["properties"]["min_count"] = server["properties"]["max_count"] = {}

    server_schema(edit)
    around(create, "counts", lambda right, server: right({**server, "min_count": 1, "max_count": 1}))


def moved(text: str, **by: Any) -> None:
    """Let the change that came with that version have other values."""
    changes = (with_changes(each, **by) if each.version == parse(text) else each for each in CREATE.changes)
    replace(create, "CREATE", History(CREATE.first, *changes))


@defect("C-NET-001", row="DEF-C-002")
def networks_are_required_too_late() -> None:
    """Networks may be left out at 2.37, too; they are required from 2.38 on."""
    late = Since(parse("2.38"), {}, {"server": "networks"})
    early = (with_changes(each, required={}) if each.version == parse("2.37") else each for each in CREATE.changes)
    replace(create, "CREATE", History(CREATE.first, *sorted([*early, late], key=lambda each: each.version)))


@defect("C-NET-022", "C-NET-027", row="DEF-C-005")
def words_too_late() -> None:
    """The two words are understood from 2.38 on."""
    moved("2.37", version=parse("2.38"))


@defect("C-NET-008")
def ports_may_be_anything() -> None:
    """The port of an item may be any string, and is then not found."""
    items_schema(lambda item, _version: item["properties"].update(port={"type": ["string", "null"]}))
    around(
        admission, "require_usable_port", lambda right, networks, port: right(networks, port) if "-" in port else None
    )


@defect("C-NET-008")
def urns_are_refused() -> None:
    """A UUID in braces or as a URN is refused."""
    plain = {"type": "string", "format": "uuid", "pattern": "^[0-9a-fA-F-]*$"}
    items_schema(lambda item, _version: item["properties"].update(uuid=plain), since="2.37")


@defect("C-NET-003")
def false_is_nothing() -> None:
    """False and 0 in place of networks are taken for an empty list."""
    _networks(lambda networks, _version: networks["oneOf"].append({"enum": [False, 0]}))
    requested(lambda items: items or [])
