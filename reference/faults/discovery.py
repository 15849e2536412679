"""Faults in what is told to everybody: versions, the project in the path; and who is asked for a token."""

from __future__ import annotations

from typing import Any

import reference.compute as compute
from reference.compute import paths
from reference.compute.errors import fault
from reference.compute.handlers.versions import Versions
from reference.compute.paths import ProjectInPath
from reference.faults.catalogue import defect
from reference.faults.seam import around, nothing, replace


def _entry(spoil: Any) -> None:
    def entry(right: Any, self: Versions, name: str) -> Any:
        shown = right(self, name)
        spoil(shown)
        return shown

    around(Versions, "entry", entry)


@defect("C-MV-009", "C-MV-010", row="DEF-C-011")
def versions_lack_their_minimum() -> None:
    """The documents of versions lack min_version."""
    _entry(lambda shown: shown.pop("min_version"))


@defect("C-MV-009", "C-MV-010")
def no_version_is_current() -> None:
    """The version v2.1 is SUPPORTED, not CURRENT."""
    _entry(lambda shown: shown.update(status="SUPPORTED"))


@defect("C-MV-010", row="DEF-C-012")
def discovery_wants_a_token() -> None:
    """The document of the version is for those with a token."""
    around(compute, "public", lambda right, request: right(request) and not request.path.startswith("/v2.1"))


@defect("C-MV-009")
def other_roots_are_not_found() -> None:
    """What is no version at the root is answered with 404, without a choice."""

    def choices(_right: Any, _self: Versions, _call: Any) -> Any:
        raise fault(404, "The resource could not be found.")

    around(Versions, "choices", choices)


@defect("C-MV-011")
def the_project_in_the_path_is_not_known() -> None:
    """A path with the project in it is not found."""
    replace(ProjectInPath, "process_request", nothing)


@defect("C-MV-011")
def any_project_in_the_path() -> None:
    """The project in the path may be another one than the token's."""

    def process(_self: ProjectInPath, request: Any, _response: Any) -> None:
        form = paths.PROJECT.fullmatch(request.path)
        if form:
            request.path = f"/v2.1{form[2]}"

    replace(ProjectInPath, "process_request", process)
