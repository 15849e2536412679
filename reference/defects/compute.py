"""Defects of Compute."""

from __future__ import annotations

from dataclasses import replace as with_changes

from reference.compute.api import create
from reference.compute.microversion import parse
from reference.compute.schemas.history import History
from reference.compute.schemas.servers import CREATE
from reference.defects.seam import replace


def auto_too_early() -> None:
    """The two words are understood one microversion before there are any (C-NET-005)."""
    changes = (
        with_changes(each, version=parse("2.36")) if each.version == parse("2.37") else each for each in CREATE.changes
    )
    replace(create, "CREATE", History(CREATE.first, *changes))


DEFECTS = {"auto-too-early": auto_too_early}
