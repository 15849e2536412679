"""How a defect is planted: one name of one module, replaced; a name that is not there is a mistake, not a no-op."""

from __future__ import annotations

from types import ModuleType
from typing import Any


def replace(module: ModuleType, name: str, by: Any) -> None:
    """Let `module.name` be `by` from now on. Errors: AttributeError where the module has no such name."""
    getattr(module, name)
    setattr(module, name, by)
