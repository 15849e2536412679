"""Reads what others have written, files and answers alike, within bounds of size, depth and number of values.

Anything else raises UntrustedError, with one line that says what is wrong; the caller adds which file or answer it is.
"""

import json
import math
import os
import re
import stat
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml

from conformance.yaml_files import LOADER

Record = TypeVar("Record")

MOST_FILE = 64 * 1024 * 1024  # bytes of a file, such as a report.json or a history
MOST_YAML = 1024 * 1024  # bytes of a file that people write
MOST_VALUES = 1_000_000  # values in a file or an answer; an alias of YAML counts each time it is used
DEEPEST = 100  # mappings and lists within each other
# Control characters but tab and line feed, which could move a terminal's cursor; and halves of characters
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class UntrustedError(ValueError):
    """The content is too large, nested too deep, or invalid; the text says which."""


def read_file(path: Path, most: int = MOST_FILE) -> bytes:
    """The content of a regular file of at most `most` bytes. Raises OSError and UntrustedError."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # so that opening a pipe without a writer does not block
    with open(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise UntrustedError("not a regular file")
        content = file.read(most + 1)
    if len(content) > most:
        raise UntrustedError(f"larger than {most // (1024 * 1024)} MiB")
    return content


def read_text(path: Path, most: int = MOST_FILE) -> str:
    """The text of a regular file in UTF-8 of at most `most` bytes. Raises OSError and UntrustedError."""
    try:
        return read_file(path, most).decode()
    except UnicodeDecodeError:
        raise UntrustedError("not text in UTF-8") from None


def parse_json(text: str | bytes) -> Any:
    """The value of a JSON text. Raises UntrustedError."""
    if (text.count(",") if isinstance(text, str) else text.count(b",")) > MOST_VALUES:  # before they take any memory
        raise UntrustedError(f"more than {MOST_VALUES:,} values")
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except RecursionError:
        raise UntrustedError(f"nested deeper than {DEEPEST}") from None
    except ValueError as error:
        raise UntrustedError(f"not JSON: {error}") from None
    require_bounded(value)
    return value


def _refuse(name: str) -> float:
    """Raises ValueError for NaN and Infinity, which JSON does not have."""
    raise ValueError(f"{name} is no number")


def _finite(text: str) -> float:
    """The number. Raises ValueError for one that is too large."""
    number = float(text)
    return number if math.isfinite(number) else _refuse("one too large")


def read_records(
    paths: Iterable[Path], record_of: Callable[[Any], Record], kind: str, invalid: Callable[[str], None] | None = None
) -> list[Record]:
    """What `record_of` makes of the value of each line of files of JSON lines; it raises ValueError or TypeError.

    `invalid` is called with a text for each line that is no record of that kind, and each file that cannot be read; it
    names file and line. Without it ValueError is raised instead.
    """
    records = []
    for path in paths:
        try:
            lines = read_text(path).splitlines()
        except (OSError, UntrustedError) as error:
            _report(invalid, f"{path}: {error.strerror if isinstance(error, OSError) else error}")
            continue
        for number, line in enumerate(lines, 1):
            try:
                records.append(record_of(parse_json(line)))
            except (ValueError, TypeError) as error:
                _report(invalid, f"{path}:{number}: not a record of a {kind}: {in_one_line(error)}")
    return records


def _report(invalid: Callable[[str], None] | None, text: str) -> None:
    if invalid is None:
        raise ValueError(text)
    invalid(text)


def read_yaml(path: Path) -> Any:
    """The value of a YAML file of at most MOST_YAML bytes. Raises OSError and UntrustedError."""
    try:
        value = yaml.load(read_text(path, MOST_YAML), Loader=LOADER)  # noqa: S506 - both loaders are safe ones
    except RecursionError:
        raise UntrustedError(f"nested deeper than {DEEPEST}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise UntrustedError(in_one_line(error)) from None
    except (AttributeError, LookupError):  # raised by PyYAML for a value that does not fit its tag
        raise UntrustedError("a value is not of the kind that its tag says") from None
    require_bounded(value)
    return value


def require_bounded(value: Any) -> None:
    """Raises UntrustedError for a value that is nested deeper than DEEPEST, or has more than MOST_VALUES values."""
    level, depth, count = [value], 0, 0
    while level:
        depth, count = depth + 1, count + len(level)
        if depth > DEEPEST:
            raise UntrustedError(f"nested deeper than {DEEPEST}")
        if count > MOST_VALUES:
            raise UntrustedError(f"more than {MOST_VALUES:,} values")
        below: list[Any] = []
        for entry in level:
            if isinstance(entry, Mapping):
                below += entry.values()
            elif isinstance(entry, list | tuple):
                below += entry
            if len(below) > MOST_VALUES:
                raise UntrustedError(f"more than {MOST_VALUES:,} values")
        level = below


def in_one_line(error: Exception) -> str:
    """The error's text, with one blank for each of its line breaks and runs of blanks."""
    return " ".join(str(error).split())


def show(line: object) -> None:
    """Print a line, with control characters, line breaks and invalid characters escaped."""
    print(str(printable(str(line))).replace("\n", r"\n"))


def printable(value: Any) -> Any:
    """The same text, mapping or list, with control characters and lone surrogates escaped."""
    if isinstance(value, Mapping):
        return {printable(key): printable(content) for key, content in value.items()}
    if isinstance(value, list | tuple):
        return [printable(content) for content in value]
    if isinstance(value, str):
        return UNPRINTABLE.sub(lambda match: match[0].encode("unicode_escape", "backslashreplace").decode(), value)
    return value
