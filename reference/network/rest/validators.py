"""Checks of single values in a body: each returns the value as it is stored, or raises ValueError with the reason.

The caller adds the attribute's name to the message (N-ERR-010). A value of another type altogether, such as "x" for a
number, raises NotConvertible: services have an error of its own for that. Each check has the JSON schema of valid
values, for the OpenAPI document.
"""

import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

Check = Callable[[Any], Any]
C = TypeVar("C", bound=Check)
_UNKEPT = re.compile("[\x00\ud800-\udfff]")
_TRUE, _FALSE = ("true", "1", "on", "yes", "t", "y"), ("false", "0", "off", "no", "f", "n")

MOST = 2**31 - 1  # the largest number that is stored where no other bound applies


class NotConvertible(ValueError):
    """The value is not of the attribute's type, and cannot be read as one of that type."""


def takes(**schema: Any) -> Callable[[C], C]:
    """A decorator that gives a check the JSON schema of valid values."""

    def noted(check: C) -> C:
        setattr(check, "schema", schema)  # noqa: B010 - a function has no such attribute to a type checker
        return check

    return noted


def schema_of(check: Check) -> Mapping[str, Any]:
    """The JSON schema of the check's valid values; {} where any is valid."""
    schema: Mapping[str, Any] = getattr(check, "schema", {})
    return schema


@takes(type="object")
def mapping(value: Any) -> dict[str, Any]:
    """An object with whatever is in it."""
    if not isinstance(value, dict):
        raise ValueError(f"'{value}' is not a dictionary.")
    return value


@takes(type="string", maxLength=255)
def text(value: Any) -> str:
    """A text of at most 255 characters that a database can store."""
    if not isinstance(value, str):
        raise ValueError(f"'{value}' is not a valid string.")
    if len(value) > 255:
        raise ValueError(f"'{value}' exceeds maximum length of 255.")
    if not value.isprintable() and _UNKEPT.search(value):
        raise ValueError("it has characters that cannot be kept.")
    return value


@takes(type="string", minLength=1, maxLength=255)
def nonempty_text(value: Any) -> str:
    """A text of at least one character."""
    if value == "":
        raise ValueError("Blank strings are not permitted.")
    return text(value)


@takes(type="string", maxLength=36)
def id_text(value: Any) -> str:
    """A text that is short enough for an id; whether an object has this id is checked later."""
    if len(text(value)) > 36:
        raise ValueError(f"'{value}' exceeds maximum length of 36.")
    return text(value)


@takes(type="string", minLength=1, maxLength=255, pattern="^[^,/]*$")
def tag(value: Any) -> str:
    """A tag; no comma, as lists of them are joined by commas, and no slash, as paths end in one."""
    if not text(value) or set(value) & {",", "/"}:
        raise ValueError(f"'{value}' is not a tag: it is empty, or has a comma or a slash in it.")
    return text(value)


@takes(type="string", maxLength=255, pattern=r"^(\S(.*\S)?)?$")
def name(value: Any) -> str:
    """A text of printable characters of the basic plane, the first and the last no space; it may be empty."""
    if text(value).strip() != value or not value.isprintable() or max(value, default="") > "\uffff":
        raise ValueError(f"'{value}' is not a valid string.")
    return text(value)


@takes(type="string", minLength=1, maxLength=255, pattern=r"^\S(.*\S)?$")
def nonempty_name(value: Any) -> str:
    """A name of at least one character."""
    if not name(value):
        raise ValueError(f"'{value}' Blank strings are not permitted.")
    return name(value)


@takes(enum=[True, False, 1, 0, *_TRUE, *_FALSE], description="Words in capitals, too.")
def boolean(value: Any) -> bool:
    """A truth value, or a word or number for one."""
    folded = str(value).strip().lower()
    if isinstance(value, bool | int | str) and folded in (*_TRUE, *_FALSE):
        return folded in _TRUE
    raise NotConvertible(f"'{value}' cannot be converted to boolean.")


def integer(low: int, high: int | None = MOST) -> Check:
    """The check of a whole number within these bounds, also as a text, a fraction or a truth value, as services read
    them.

    For `high` None, the caller bounds the number otherwise.
    """
    highest = {} if high is None else {"maximum": high}

    @takes(type=["number", "string", "boolean"], minimum=low, **highest, pattern=r"^\s*[+-]?[0-9]+\s*$")
    def check(value: Any) -> int:
        try:
            number = int(value)
        except (TypeError, ValueError):
            raise NotConvertible(f"'{value}' is not an integer.") from None
        if number < low or (high is not None and number > high):
            raise ValueError(f"'{value}' must be {low} or more" + ("." if high is None else f" and at most {high}."))
        return number

    return check


@takes(enum=[4, 6, "4", "6"])
def ip_version(value: Any) -> int:
    """4 or 6, also as a text."""
    number: int = integer(0)(value)
    if number not in (4, 6):
        raise ValueError(f"'{value}' is not in [4, 6].")
    return number


@takes(type="string", format="uuid")
def uuid_text(value: Any) -> str:
    try:
        return str(uuid.UUID(value))
    except (ValueError, TypeError, AttributeError):
        raise ValueError(f"'{value}' is not a valid UUID.") from None


def one_of(*allowed: object) -> Check:
    """The check of a value that is one of these."""

    @takes(enum=list(allowed))
    def check(value: Any) -> Any:
        if isinstance(value, bool) or value not in allowed:
            raise ValueError(f"'{value}' is not in {list(allowed)}.")
        return value

    return check


def converted(check: Check) -> Check:
    """The same check, which raises NotConvertible for every invalid value."""

    @takes(**schema_of(check))
    def checked(value: Any) -> Any:
        try:
            return check(value)
        except ValueError as reason:
            raise NotConvertible(*reason.args) from None

    return checked


def or_null(check: Check) -> Check:
    """The check that also allows null."""
    return takes(anyOf=[{"type": "null"}, schema_of(check)])(lambda value: None if value is None else check(value))


def or_empty(check: Check) -> Check:
    """The check of a list that takes null for an empty one."""
    return takes(anyOf=[{"type": "null"}, schema_of(check)])(lambda value: [] if value is None else check(value))


def list_of(check: Check, most: int = 1000) -> Check:
    """The check of a list of items that pass `check`; at most `most`, as some lists are compared item by item."""

    @takes(type="array", items=schema_of(check), maxItems=most)
    def checked(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise ValueError(f"'{value}' is not a list.")
        if len(value) > most:
            raise ValueError(f"it has more than {most} items.")
        return [check(item) for item in value]

    return checked


@takes(anyOf=[{"type": "null"}, {"type": "array", "maxItems": 0}])
def none_of(value: Any) -> list[Any]:
    """The empty list, also for null: this service supports no other value of the attribute."""
    if value not in (None, []):
        raise ValueError(f"'{value}' is not an empty list, and this service has nothing to fill it.")
    return []


def distinct(check: Check, key: str = "") -> Check:
    """The check of a list that passes `check` and has no item, or no item's `key`, twice in the same spelling."""

    @takes(**schema_of(check))
    def checked(value: Any) -> list[Any]:
        items: list[Any] = check(value)
        _refuse_duplicates([item[key] for item in value if key in item] if key else value)
        return items

    return checked


def _refuse_duplicates(items: list[Any]) -> None:
    """Raises ValueError, which names the first item that is in the list twice."""
    duplicate = next((item for place, item in enumerate(items) if item in items[:place]), None)
    if duplicate is not None:
        raise ValueError(f"Duplicate items in the list: '{duplicate}'.")


def record(required: tuple[str, ...] = (), /, **checks: Check) -> Check:
    """The check of an object with these keys, of which the `required` ones must be there."""
    properties = {key: schema_of(check) for key, check in checks.items()}

    @takes(type="object", properties=properties, required=list(required), additionalProperties=False)
    def check(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValueError(f"'{value}' is not a dictionary.")
        unknown = sorted(set(value) - set(checks))
        if unknown:
            raise ValueError(f"Invalid data format, unexpected keys: {unknown}.")
        missing = sorted(set(required) - set(value))
        if missing:
            raise ValueError(f"Invalid data format, missing keys: {missing}.")
        return {key: checks[key](item) for key, item in value.items()}

    return check


def loose_record(**checks: Check) -> Check:
    """The check of an object with some of these keys; others are dropped."""
    strict = record((), **checks)

    @takes(**{**schema_of(strict), "additionalProperties": True})
    def check(value: Any) -> dict[str, Any]:
        own = {key: item for key, item in value.items() if key in checks} if isinstance(value, dict) else value
        values: dict[str, Any] = strict(own)
        return values

    return check
