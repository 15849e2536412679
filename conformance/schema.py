"""The JSON Schemas of the suite, compiled once."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

SCHEMAS = Path(__file__).parent / "schemas"


@cache
def validator(name: str) -> Draft202012Validator:
    """The compiled schema schemas/NAME.json. Raises FileNotFoundError."""
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def complaint(name: str, data: Any) -> str:
    """What the schema NAME has against `data`, with the path to it; empty when nothing."""
    wrong = best_match(validator(name).iter_errors(data))
    return f"{wrong.json_path}: {wrong.message}" if wrong else ""
