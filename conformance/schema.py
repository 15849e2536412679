"""The JSON Schemas of the suite, compiled once."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry, Resource

SCHEMAS = Path(__file__).parent / "schemas"
KINDS = {  # of JSON Schema -> what people call them
    "array": "a list",
    "boolean": "true or false",
    "number": "a number",
    "integer": "a whole number",
    "object": "a mapping",
    "string": "a text (in quotes)",
}


def _read(name: str) -> Any:
    return json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))


# One schema may refer to another by its name.
TOGETHER: Registry[Any] = Registry(retrieve=lambda name: Resource.from_contents(_read(name)))  # type: ignore[call-arg]


@cache
def validator(name: str) -> Draft202012Validator:
    """The compiled schema schemas/NAME.json. Raises FileNotFoundError."""
    form = Draft202012Validator.FORMAT_CHECKER
    return Draft202012Validator(_read(name), registry=TOGETHER, format_checker=form)


def complaint(name: str, data: Any) -> str:
    """What the schema NAME has against `data`, with the path to it; empty when nothing."""
    error = best_match(validator(name).iter_errors(data))
    return f"{error.json_path}: {error.message}" if error else ""


def misfit(name: str, data: Any) -> str:
    """Where `data` has a value of another kind than the schema NAME wants, without that value, maybe a secret; empty
    for nowhere.
    """
    error = best_match(validator(name).iter_errors(data))
    if error is None:
        return ""
    key = ".".join(map(str, error.absolute_path)) or "it"
    if error.validator == "type":
        kinds = [error.validator_value] if isinstance(error.validator_value, str) else error.validator_value
        return f"{key} has to be {' or '.join(KINDS[kind] for kind in kinds if kind != 'null')}"
    if error.validator == "required":
        return f"{key} lacks {', '.join(name for name in error.validator_value if name not in error.instance)}"
    return f"{key} is not as it has to be ({error.validator})"
