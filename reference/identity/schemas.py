"""The bodies that Identity takes, as JSON Schemas: compiled to check them, and shown in the OpenAPI document.

Lengths are those of the columns. Other properties than these are ignored, as Keystone does.
"""

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator

from reference.wsgi.errors import Problem

Schema = dict[str, Any]
MOST_TAGS = 80


def _text(longest: int, shortest: int = 0) -> Schema:
    return {"type": "string", "minLength": shortest, "maxLength": longest}


def _or_null(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


def _object(properties: Schema, *required: str) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required)}


def _identified(schema: Schema) -> Schema:
    """The schema of a reference to an object, which names its id or its name."""
    return {**schema, "anyOf": [{"required": ["id"]}, {"required": ["name"]}]}


def _envelope(kind: str, schema: Schema) -> Schema:
    """The schema of a body with nothing but an object of that kind."""
    return {**_object({kind: schema}, kind), "additionalProperties": False}


_ANY, _ID = {"type": "string"}, _text(64)
_SECRET = _text(4096)
_LONG = _text(65535 // 4)  # characters that always fit into MariaDB's TEXT
_DOMAIN = _object({"id": _ANY, "name": _ANY})
_NAMED = _object({"id": _ANY, "name": _ANY, "domain": _DOMAIN})
_USER_OR_PROJECT = _identified(_object({"id": _ANY, "name": _ANY, "domain": _identified(_DOMAIN)}))
_PROOFS = {
    "password": _object(
        {"user": {**_USER_OR_PROJECT, "properties": {**_USER_OR_PROJECT["properties"], "password": _SECRET}}}, "user"
    ),
    "token": _object({"id": _ANY}, "id"),
    "application_credential": _object({"id": _ANY, "name": _ANY, "user": _NAMED, "secret": _SECRET}, "secret"),
}
_IDENTITY = _object({"methods": {"type": "array", "items": _ANY}, **_PROOFS}, "methods")
_SCOPE = {"oneOf": [_object({"project": _USER_OR_PROJECT}, "project"), {"enum": ["unscoped", {}]}]}
AUTHENTICATION = _object({"auth": _object({"identity": _IDENTITY, "scope": _SCOPE}, "identity")}, "auth")

_ENABLED = {"type": "boolean"}
_TAGS = {"type": "array", "maxItems": MOST_TAGS, "uniqueItems": True, "items": {**_text(255, 1), "pattern": "^[^,/]*$"}}
_DESCRIPTION = _or_null(_LONG)
_NAME, _LONG_NAME = ({**_text(longest, 1), "pattern": r"\S"} for longest in (64, 255))
_DOMAIN_ID = {**_text(64, 1), "pattern": "^[a-zA-Z0-9-]+$"}
# checked and not stored: nothing is immutable here, so a client may only ask for false or null
_OPTIONS = {"type": "object", "properties": {"immutable": {"enum": [False, None]}}, "additionalProperties": False}
_USER_OPTIONS = (
    "ignore_change_password_upon_first_use",
    "ignore_lockout_failure_attempts",
    "ignore_password_expiry",
    "ignore_user_inactivity",
    "lock_password",
    "multi_factor_auth_enabled",
    "multi_factor_auth_rules",
)
# singular of a kind -> its properties
KINDS: Mapping[str, Schema] = {
    "domain": {"name": _NAME, "description": _or_null(_text(255)), "enabled": _ENABLED, "options": _OPTIONS},
    "project": {
        "name": _NAME,
        "description": _DESCRIPTION,
        "enabled": _ENABLED,
        "domain_id": _or_null(_DOMAIN_ID),
        "tags": _TAGS,
        "options": _OPTIONS,
    },
    "user": {
        "name": _LONG_NAME,
        "description": _DESCRIPTION,
        "enabled": _ENABLED,
        "domain_id": _DOMAIN_ID,
        "email": _or_null(_text(255)),
        "default_project_id": _or_null(_ID),
        "password": _or_null(_SECRET),
        "options": {"type": "object", "propertyNames": {"enum": list(_USER_OPTIONS)}},
    },
    "role": {"name": _LONG_NAME, "description": _DESCRIPTION, "options": _OPTIONS},
}
_ROLE = {**_object({"id": _ANY, "name": _ANY}), "minProperties": 1, "maxProperties": 1, "additionalProperties": False}
APPLICATION_CREDENTIAL = _envelope(
    "application_credential",
    {
        **_object(
            {
                "name": _text(255, 1),
                "description": _DESCRIPTION,
                "secret": _or_null(_SECRET),
                "roles": {"type": "array", "items": _ROLE},
                "expires_at": {"type": ["string", "null"]},
                "unrestricted": {"type": ["boolean", "null"]},
                "access_rules": {"type": "array", "maxItems": 0},  # no rules are enforced here, so none are accepted
            },
            "name",
        ),
        "additionalProperties": False,
    },
)


def creation(kind: str) -> Schema:
    """The schema of a body that creates one of that kind."""
    return _envelope(kind, _object(dict(KINDS[kind]), "name"))


def change(kind: str) -> Schema:
    """The schema of a body that changes one of that kind."""
    return _envelope(kind, {**_object(dict(KINDS[kind])), "minProperties": 1})


class Form:
    """A schema, compiled."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._validator = Draft202012Validator(schema)

    def check(self, body: dict[str, Any]) -> dict[str, Any]:
        """The body, valid. Raises Problem: 400, which names the property and not its value, as that may be secret."""
        for error in self._validator.iter_errors(body):
            place = ".".join(str(step) for step in error.absolute_path)
            required = error.validator == "required"
            reason = error.message if required else f"{error.validator} has to be {error.validator_value}."
            raise Problem(400, "Bad Request", f"Invalid input for field '{place}': {reason[:300]}")
        return body
