"""The types of values in bodies, and the formats of our schemas."""

import base64
import ipaddress
import unicodedata
import uuid
from typing import Any

from jsonschema import FormatChecker

TRUE = (True, "True", "TRUE", "true", "1", "ON", "On", "on", "YES", "Yes", "yes")
_FALSE = (False, "False", "FALSE", "false", "0", "OFF", "Off", "off", "NO", "No", "no")
_NAME_RULE = "The name must be: printable characters. Can not start or end with whitespace."


class Formats(FormatChecker):
    """Checks that raise ValueError; for a format in `sentences`, the error's message is sent to the client."""

    sentences = ("name",)

    def __init__(self) -> None:
        super().__init__(formats=())
        for check in (_uuid, _ipv4, _ipv6, _base64, _name, _printable):
            self.checks(check.__name__.lstrip("_"), raises=ValueError)(check)


def _uuid(value: object) -> bool:
    return not isinstance(value, str) or bool(uuid.UUID(value))


def _ipv4(value: object) -> bool:
    return not isinstance(value, str) or bool(ipaddress.IPv4Address(value).packed)


def _ipv6(value: object) -> bool:
    return not isinstance(value, str) or ipaddress.IPv6Address(value).scope_id is None


def _base64(value: object) -> bool:
    return not isinstance(value, str) or base64.b64decode("".join(value.split()), validate=True) is not None


def _printable(value: object) -> bool:
    """Whether a text has only visible characters, and spaces of any width."""
    if not isinstance(value, str) or value.isprintable():
        return True
    return all(char.isprintable() or unicodedata.category(char) == "Zs" for char in value)


def _name(value: object) -> bool:
    if isinstance(value, str) and (value.strip() != value or not _printable(value)):
        raise ValueError(f"An invalid 'name' value was provided. {_NAME_RULE}")
    return True


FORMATS = Formats()


def text(longest: int = 255, shortest: int = 0, **more: Any) -> dict[str, Any]:
    return {"type": "string", "minLength": shortest, "maxLength": longest, **more}


def nullable(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "type": [schema["type"], "null"]}


def array(items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


def one_or_several(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a value that fits `schema`, or of a list of such values."""
    return {"oneOf": [schema, array(schema)]}


def record(properties: dict[str, Any], required: tuple[str, ...] = ()) -> dict[str, Any]:
    """The schema of an object of these properties alone; `required` is a list that a later version can add to."""
    requirements = {"required": list(required)} if required else {}
    return {"type": "object", "properties": properties, **requirements, "additionalProperties": False}


def is_true(value: object) -> bool:
    """Whether a value of BOOLEAN is true."""
    return value in TRUE


BOOLEAN = {"type": ["boolean", "string"], "enum": [*TRUE, *_FALSE]}
UUID = {"type": "string", "format": "uuid"}
NAME = text(255, 1, format="name")
# most digits of a number as text: Python does not parse longer ones
DIGITS = 255
COUNT = {"type": ["integer", "string"], "pattern": "^0*[1-9][0-9]*$", "maxLength": DIGITS, "minimum": 1}
IPV4, IPV6 = ({"type": "string", "format": format_name} for format_name in ("ipv4", "ipv6"))
ADDRESS = {"type": "string", "oneOf": [{"format": "ipv4"}, {"format": "ipv6"}]}
TAG = text(60, 1, pattern="^[^,/]*$")
METADATA = {
    "type": "object",
    "patternProperties": {"^[a-zA-Z0-9-_:. ]{1,255}$": text()},
    "additionalProperties": False,
}
