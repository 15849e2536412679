"""Faults in the schema of a boot request: what its networks may be, at which version."""

import copy
import uuid
from collections.abc import Callable
from dataclasses import replace as with_changes
from functools import cached_property
from typing import Any

from jsonschema import Draft202012Validator

from reference.catalogue import Plant
from reference.compute import admission
from reference.compute.handlers import create
from reference.compute.microversion import Version, parse
from reference.compute.schemas import history
from reference.compute.schemas.history import BodyValidator, History, Schema, Since
from reference.compute.schemas.servers import CREATE
from reference.compute.schemas.types import FORMATS
from reference.faults.catalogue import entry, fault, table
from reference.faults.seams import around, replace, replaced, together, without

Edit = Callable[[Schema, Version], object]  # changes the schema of a version
WORDS_SINCE, TAGS_SINCE = "2.37", "2.42"


class _Edited(History):
    """A history of which every schema was changed."""

    def __init__(self, right: History, edit: Edit) -> None:
        super().__init__(right.first, *right.changes)
        self.edit = edit

    @cached_property
    def ranges(self) -> tuple[list[Version], list[Draft202012Validator]]:
        starts, validators = super().ranges
        schemas = [copy.deepcopy(validator.schema) for validator in validators]
        for start, schema in zip(starts, schemas, strict=True):
            self.edit(schema["properties"]["server"], start)  # type: ignore[index]
        return starts, [BodyValidator(schema, format_checker=FORMATS) for schema in schemas]


def _server(edit: Edit) -> Plant:
    """Work on the schema of `server` at every version."""
    return lambda: replace(create, "CREATE", _Edited(CREATE, edit))


def _networks(change: Callable[[Schema], object]) -> Plant:
    """Work on the schema of `networks`, in the versions that have the two words."""
    return _server(lambda server, version: version >= parse(WORDS_SINCE) and change(server["properties"]["networks"]))


def _alternative(schema: Schema) -> Plant:
    """Let `networks` be of that schema, too."""
    return _networks(lambda networks: networks["oneOf"].append(schema))


def _items(edit: Edit, *, since: str = "2.1") -> Plant:
    """Work on the schema of an item of `networks`."""

    def work(server: Schema, version: Version) -> None:
        if version >= parse(since):
            networks = server["properties"]["networks"]
            edit((networks["oneOf"][0] if "oneOf" in networks else networks)["items"], version)

    return _server(work)


def _item_with(*, since: str = "2.1", **properties: Schema) -> Plant:
    """Let properties of an item of `networks` be of those schemas."""
    return _items(lambda item, _version: item["properties"].update(properties), since=since)


def _moved(text: str, **values: Any) -> Plant:
    """Let the change that came with that version have other values."""
    changes = [with_changes(one, **values) if one.version == parse(text) else one for one in CREATE.changes]
    return replaced(create, "CREATE", History(CREATE.first, *changes))


def requested(change: Callable[[Any], Any]) -> Plant:
    """Let `change(items)` work on the networks of a body before they are checked."""
    return around(admission, "requested")(lambda right, items: right(change(items)))


def _is_uuid(text: str) -> bool:
    try:
        return bool(uuid.UUID(text))
    except ValueError:
        return False


def _real(items: Any) -> Any:
    """The items whose uuid is a UUID; a word as it is."""
    return (
        items if isinstance(items, str) else [item for item in items if not item.get("uuid") or _is_uuid(item["uuid"])]
    )


_ANY_UUID = together(
    without(admission, "require_uuid"),
    around(admission, "room")(
        lambda right, networks, project, attachment, most: right(networks, project, _real(attachment), most)
    ),
)
_NEWEST: Any = CREATE.ranges[1][-1].schema
_DASHED = "^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$"
_ANY_CASE = [word for name in ("auto", "none") for word in (name, name.upper(), name.capitalize())]


class _Anything:
    def __contains__(self, _what: object) -> bool:
        return True


table(
    entry("auto-too-early", "C-NET-005", row="DEF-C-005")(
        "The two words are understood one microversion too early.", _moved("2.37", version=parse("2.36"))
    ),
    entry("auto-at-every-version", "C-NET-005", row="DEF-C-005")(
        "A body is read by the newest schema, whatever version is asked for.",
        _server(lambda server, _version: server.update(copy.deepcopy(_NEWEST["properties"]["server"]))),
    ),
    entry("networks-are-optional", "C-NET-001", row="DEF-C-002")(
        "From 2.37 on networks may be left out.",
        _server(lambda server, _version: server.update(required=["name", "flavorRef"])),
    ),
    entry("any-word-will-do", "C-NET-002")(
        "Any string may stand for networks; what is not none is auto.",
        together(
            _networks(lambda networks: networks["oneOf"][1].pop("enum")),
            requested(lambda items: admission.AUTO if isinstance(items, str) and items != admission.NONE else items),
        ),
    ),
    entry("words-in-any-case", "C-NET-002")(
        "AUTO and None are understood, too.",
        together(
            _networks(lambda networks: networks["oneOf"][1].update(enum=_ANY_CASE)),
            requested(lambda items: items.lower() if isinstance(items, str) else items),
        ),
    ),
    entry("null-is-nothing", "C-NET-003")(
        "Null in place of networks is taken for an empty list.", _alternative({"type": "null"})
    ),
    entry("networks-may-be-an-object", "C-NET-003")(
        "An object in place of networks is taken for its list of one.",
        together(_alternative({"type": "object"}), requested(lambda items: [] if isinstance(items, dict) else items)),
    ),
    entry("a-list-of-auto-is-auto", "C-NET-004", row="DEF-C-004")(
        "The list of the one word auto is the word.",
        together(
            _alternative({"enum": [["auto"], ["none"]]}),
            requested(lambda items: items[0] if items in (["auto"], ["none"]) else items),
        ),
    ),
    entry("auto-as-a-uuid", "C-NET-004", row="DEF-C-004")(
        "An item whose uuid is auto stands for the word.",
        together(
            _item_with(since=WORDS_SINCE, uuid={"type": "string"}),
            requested(lambda items: "auto" if items == [{"uuid": "auto"}] else items),
        ),
    ),
    entry("unknown-keys-are-ignored", "C-NET-006")(
        "An item of networks may have unknown keys.",
        _items(lambda item, _version: item.update(additionalProperties=True)),
    ),
    entry("uuids-are-not-looked-at", "C-NET-008")(
        "The uuid of an item may be any string but an empty one.",
        together(_item_with(since=WORDS_SINCE, uuid={"type": "string", "minLength": 1}), _ANY_UUID),
    ),
    entry("uuids-in-one-form-only", "C-NET-008")(
        "A UUID without dashes is refused.", _item_with(since=WORDS_SINCE, uuid={"type": "string", "pattern": _DASHED})
    ),
    entry("uuids-are-not-looked-at-early", "C-NET-009")(
        "Below 2.37 an item whose uuid is no UUID is ignored instead of refused.", _ANY_UUID
    ),
    entry("a-fixed-ip-may-be-anything", "C-NET-016")(
        "A fixed_ip that is no address is passed over.",
        together(
            _item_with(fixed_ip={"type": "string"}),
            replaced(admission, "room", lambda _networks, _project, _wanted, most: most),
        ),
    ),
    entry("no-server-is-a-number", "C-MULTI-001")(
        "A min_count of 0 is accepted, and makes one server.",
        together(
            _server(lambda server, _version: server["properties"].update(min_count={}, max_count={})),
            around(create, "counts")(lambda right, server: right({**server, "min_count": 1, "max_count": 1})),
        ),
    ),
    entry("words-too-late", "C-NET-022", "C-NET-027", row="DEF-C-005")(
        "The two words are understood from 2.38 on.", _moved("2.37", version=parse("2.38"))
    ),
    entry("ports-may-be-anything", "C-NET-008")(
        "The port of an item may be any string, and is then not found.",
        together(
            _item_with(port={"type": ["string", "null"]}),
            around(admission, "require_usable_port")(
                lambda right, networks, port: right(networks, port) if "-" in port else None
            ),
        ),
    ),
    entry("urns-are-refused", "C-NET-008")(
        "A UUID in braces or as a URN is refused.",
        _item_with(since=WORDS_SINCE, uuid={"type": "string", "format": "uuid", "pattern": "^[0-9a-fA-F-]*$"}),
    ),
    entry("false-is-nothing", "C-NET-003")(
        "False and 0 in place of networks are taken for an empty list.",
        together(_alternative({"enum": [False, 0]}), requested(lambda items: items or [])),
    ),
    entry("tags-are-never-lost", "C-NET-007", row="DEF-C-001")(
        "A tag on an item is accepted from 2.37 to 2.41, too.",
        _items(
            lambda item, version: (
                version < parse(TAGS_SINCE) and item["properties"].setdefault("tag", {"type": "string"})
            ),
            since=WORDS_SINCE,
        ),
    ),
    entry("tags-do-not-come-back", "C-NET-007", row="DEF-C-001")(
        "A tag on an item is refused from 2.42 on.",
        _items(lambda item, _version: item["properties"].pop("tag"), since=TAGS_SINCE),
    ),
    entry("tags-may-be-anything", "C-NET-007")(
        "A tag with a comma is accepted.", _item_with(since=TAGS_SINCE, tag={"type": "string"})
    ),
    entry("tags-come-back-too-early", "C-NET-007", row="DEF-C-001")(
        "A tag on an item is accepted again from 2.41 on.", _moved("2.42", version=parse("2.41"))
    ),
    entry("tags-come-back-too-late", "C-NET-007", row="DEF-C-001")(
        "A tag on an item is accepted again from 2.43 on.", _moved("2.42", version=parse("2.43"))
    ),
    entry("tags-too-early", "C-NET-007")(
        "A tag on an item is accepted from 2.31 on.", _moved("2.32", version=parse("2.31"))
    ),
    entry("tags-go-too-early", "C-NET-007")(
        "A tag on an item is refused at 2.36, too.",
        _items(
            lambda item, version: version < parse(WORDS_SINCE) and item["properties"].pop("tag", None), since="2.33"
        ),
    ),
    entry("tags-of-any-length", "C-NET-007")(
        "A tag of more than 60 characters is accepted.",
        _items(lambda item, _version: item["properties"]["tag"].pop("maxLength"), since=TAGS_SINCE),
    ),
    entry("devices-are-not-known", "C-ERR-028", row="DEF-C-014")(
        "A server with block_device_mapping_v2, which clients send, is refused.",
        _server(lambda server, _version: server["properties"].pop("block_device_mapping_v2")),
    ),
    entry("unknown-words-are-skipped", "C-ERR-028")(
        "Unknown properties of a server are accepted.",
        _server(lambda server, _version: server.update(additionalProperties=True)),
    ),
    entry("every-type-is-json", "C-ERR-029")(
        "A body of any media type is read as JSON.", replaced(history, "JSON_TYPES", _Anything())
    ),
    entry("names-may-begin-with-a-space", "C-ERR-030")(
        "A name may have spaces at its ends.",
        _server(lambda server, _version: server["properties"]["name"].pop("format")),
    ),
    entry("names-are-a-little-short", "C-ERR-030")(
        "A name has 254 characters at the most.",
        _server(lambda server, _version: server["properties"]["name"].update(maxLength=254)),
    ),
)


@fault("C-NET-001", row="DEF-C-002")
def networks_are_required_too_late() -> None:
    """Networks may be left out at 2.37, too; they are required from 2.38 on."""
    late = Since(parse("2.38"), {}, {"server": "networks"})
    early = (with_changes(one, required={}) if one.version == parse("2.37") else one for one in CREATE.changes)
    replace(create, "CREATE", History(CREATE.first, *sorted([*early, late], key=lambda one: one.version)))
