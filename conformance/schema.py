"""The JSON Schemas of the suite, compiled once."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry, Resource

SCHEMAS = Path(__file__).parent / "schemas"


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
