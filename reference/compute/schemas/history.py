"""A body's schema through the versions: the first one, and after it only the changes.

    History(FIRST, since("2.19", {"server.description": DESCRIPTION}), since("2.57", {"server.personality": GONE}))

A place names properties, joined by dots; `name[]` steps into the items of an array.
"""

import copy
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from jsonschema import Draft202012Validator, ValidationError, validators

from reference.compute.errors import fault
from reference.compute.microversion import MINIMUM, Version, parse, version_of
from reference.compute.schemas.types import FORMATS
from reference.wsgi import reading
from reference.wsgi.routes import Call

GONE: Any = object()
# media types of JSON; no media type and text/plain count as JSON, too
JSON_TYPES = ("application/json", "application/vnd.openstack.compute+json", "text/plain", "")
Schema = dict[str, Any]
_NUMBER = re.compile(r"-?[0-9]{1,255}\n?")  # `$` allows a line feed; Python parses no much longer numbers


def _bounded(bound: str) -> Callable[..., Iterator[ValidationError]]:
    """The check of a minimum or maximum, which holds for numbers that are text, too."""

    def check(validator: Any, limit: Any, instance: Any, schema: Schema) -> Iterator[ValidationError]:
        is_number = isinstance(instance, str) and _NUMBER.fullmatch(instance)
        number = int(instance) if is_number else instance
        yield from Draft202012Validator.VALIDATORS[bound](validator, limit, number, schema) or ()

    return check


BodyValidator: type[Draft202012Validator] = validators.extend(  # type: ignore[no-untyped-call]
    Draft202012Validator, {bound: _bounded(bound) for bound in ("minimum", "maximum")}
)


@dataclass(frozen=True)
class Since:
    """The changes of a version: places with their new schemas, and properties that became required."""

    version: Version
    places: Mapping[str, Any]
    required: Mapping[str, str]


def since(version: str, places: Mapping[str, Any], required: Mapping[str, str] | None = None) -> Since:
    """The changes of a version: place -> schema or GONE, and place -> property that became required."""
    return Since(parse(version), places, required or {})


class History:
    """Checks bodies against the schema of the request's version; each schema is compiled once."""

    def __init__(self, first: Schema, *changes: Since) -> None:
        self.first, self.changes = first, changes

    @property
    def starts(self) -> list[Version]:
        """The versions at which the schema changes, the first one included."""
        return [MINIMUM, *(change.version for change in self.changes)]

    @cached_property
    def schemas(self) -> list[Schema]:
        """The schema from each of `starts` on."""
        schemas = [self.first]
        for change in self.changes:
            schemas.append(_changed(schemas[-1], change))
        return schemas

    @cached_property
    def ranges(self) -> tuple[list[Version], list[Draft202012Validator]]:
        return self.starts, [BodyValidator(schema, format_checker=FORMATS) for schema in self.schemas]

    def body(self, call: Call) -> Schema:
        """The request's body, valid. Raises Problem (400, 415)."""
        return self.check(call, parse_body(call))

    def check(self, call: Call, body: Any) -> Schema:
        """The body, valid. Raises Problem: 400 with the first error in the order of the schema."""
        starts, compiled = self.ranges
        validator = compiled[bisect_right(starts, version_of(call)) - 1]
        for error in validator.iter_errors(body):
            if error.cause is not None and error.validator_value in FORMATS.sentences:
                raise fault(400, str(error.cause))
            if not error.path:
                raise fault(400, error.message)
            place = f"Invalid input for field/attribute {error.path[-1]}. Value: {error.instance}."
            raise fault(400, f"{place} {error.message}")
        checked: Schema = body
        return checked


def parse_body(call: Call) -> Any:
    """The body as data, None without one. Raises Problem: 400, 415 (C-ERR-029)."""
    media = (call.request.content_type or "").partition(";")[0].strip().lower()
    content = call.raw()
    if content and media not in JSON_TYPES:
        raise fault(415, "Unsupported Content-Type")
    try:
        return reading.parse(content) if content else None
    except ValueError:
        raise fault(400, "Malformed request body") from None


def _changed(schema: Schema, change: Since) -> Schema:
    schema = copy.deepcopy(schema)
    for place, fragment in change.places.items():
        holder, _, name = place.rpartition(".")
        properties = _find(schema, holder)["properties"]
        if fragment is GONE:
            del properties[name]
        else:
            properties[name] = fragment
    for place, name in change.required.items():
        _find(schema, place)["required"].append(name)
    return schema


def _find(schema: Schema, place: str) -> Schema:
    """The schema at a place; "" is the body itself."""
    for step in filter(None, place.split(".")):  # without a step it is the body itself
        schema = schema["properties"][step.removesuffix("[]")]
        schema = schema["items"] if step.endswith("[]") else schema
    return schema
