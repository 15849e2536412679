"""YAML as this package reads it: fast and safe."""

from pathlib import Path
from typing import Any

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the loader in C is ten times faster, but not in every build


def load_yaml(path: Path) -> Any:
    """The content of a YAML file. Raises OSError, UnicodeDecodeError and yaml.YAMLError."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506 - both loaders are safe ones
