"""The cloud's defaults, which all projects share: noted on disk, and set again whatever was done to them between."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import fixtures
from filelock import FileLock, Timeout

from conformance.deadlines import attempts
from conformance.projects.journal import Journal
from conformance.settings import UsageProblem
from conformance.target import responses
from conformance.target.cloud import Account, ApiError
from conformance.verdict.signals import Inconclusive

QUERIES = {"networks": "router:external=true", "subnetpools": ""}

Defaults = Mapping[str, Sequence[str]]  # kind -> the ids of those that are a default


def read(admin: Account) -> dict[str, list[str]]:
    """The defaults there are. Raises ApiError."""
    return {kind: [item["id"] for item in listed(admin, kind) if item.get("is_default")] for kind in QUERIES}


def listed(admin: Account, kind: str) -> list[dict[str, Any]]:
    """All external networks, or all subnet pools, as an administrator sees them. Raises ApiError."""
    return responses.items(admin, f"{admin.endpoints.network}/v2.0/{kind}?{QUERIES[kind]}", kind)


def restore(admin: Account, before: Defaults) -> list[str]:
    """Make the defaults what they were, and name what would not become so."""
    trouble = ""
    for _ in attempts(admin.deadlines.settle):
        try:
            now = read(admin)
            if all(set(now[kind]) == set(before[kind]) for kind in QUERIES):
                return []
            for kind in QUERIES:  # first away with the new ones: there is room for one
                _set(admin, kind, set(now[kind]) - set(before[kind]), wanted=False)
                _set(admin, kind, set(before[kind]) - set(now[kind]), wanted=True)
        except (ApiError, UsageProblem) as refused:
            trouble = f" ({refused})"
    return [f"the cloud's defaults are not what they were, which is {dict(before)}{trouble}"]


def _set(admin: Account, kind: str, ids: set[str], *, wanted: bool) -> None:
    for id_ in ids:
        body = {kind.removesuffix("s"): {"is_default": wanted}}
        admin.call("PUT", f"{admin.endpoints.network}/v2.0/{kind}/{id_}", body)


def set_again(admin: Account, journal: Journal) -> list[str]:
    """Undo what the journal says a test that was killed had changed, and name what would not become so."""
    before = journal.defaults
    if before is None:
        return []
    left = restore(admin, before)
    if not left:
        journal.note("restored", True)
    return left


class KeptDefaults(fixtures.Fixture):  # type: ignore[misc]
    """While it holds, a test may change the defaults, and no other run on this machine does; then they are what they
    were. What cannot be set again is told to `left`, one line each.
    """

    def __init__(self, admin: Account, journal: Journal, lock: Path, left: Callable[[str], None]) -> None:
        self._admin = admin
        self._journal = journal
        self._lock = FileLock(lock)
        self._left = left

    def _setUp(self) -> None:  # noqa: N802 - the name that fixtures asks for
        seconds = self._admin.deadlines.lease
        try:
            self._lock.acquire(timeout=seconds)
        except Timeout:
            raise Inconclusive(f"another run had the cloud's defaults changed for {seconds:g} s") from None
        self.addCleanup(self._lock.release)
        self._journal.note("defaults", read(self._admin))
        self.addCleanup(self._restore)

    def _restore(self) -> None:
        for line in set_again(self._admin, self._journal):
            self._left(line)
