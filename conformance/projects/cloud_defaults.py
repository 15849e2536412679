"""The cloud's defaults, which all projects share: saved on disk, and restored after tests that change them."""

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

Defaults = Mapping[str, Sequence[str]]  # kind -> ids of the defaults


def read(admin: Account) -> dict[str, list[str]]:
    """The present defaults: kind -> ids. Raises ApiError."""
    return {kind: [item["id"] for item in list_candidates(admin, kind) if item.get("is_default")] for kind in QUERIES}


def list_candidates(admin: Account, kind: str) -> list[dict[str, Any]]:
    """All external networks, or all subnet pools, as an administrator sees them. Raises ApiError."""
    return responses.items(admin, f"{admin.endpoints.network}/v2.0/{kind}?{QUERIES[kind]}", kind)


def restore(admin: Account, before: Defaults) -> list[str]:
    """Set the defaults to `before` again, until the deadline; the list is empty, or one line on why that failed."""
    reason = ""
    for _ in attempts(admin.deadlines.settle):
        try:
            now = read(admin)
            if all(set(now[kind]) == set(before[kind]) for kind in QUERIES):
                return []
            for kind in QUERIES:
                new, missing = set(now[kind]) - set(before[kind]), set(before[kind]) - set(now[kind])
                # the new ones first, as there can only be one
                for is_default, id_ in [*((False, id_) for id_ in new), *((True, id_) for id_ in missing)]:
                    body = {kind.removesuffix("s"): {"is_default": is_default}}
                    admin.call("PUT", f"{admin.endpoints.network}/v2.0/{kind}/{id_}", body)
        except (ApiError, UsageProblem) as error:
            reason = f" ({error})"
    return [f"the cloud's defaults could not be restored to {dict(before)}{reason}"]


def restore_from_journal(admin: Account, journal: Journal) -> list[str]:
    """Restore the defaults that the journal still lists, which a killed run may have changed; the list is empty, or one
    line on why that failed.
    """
    before = journal.defaults
    if before is None:
        return []
    failures = restore(admin, before)
    if not failures:
        journal.note("restored", True)
    return failures


class KeptDefaults(fixtures.Fixture):  # type: ignore[misc]
    """Lets one test at a time, of all runs on this machine, change the defaults (by a lock), and restores them after
    it.

    `report_leak` is called with a line if they cannot be restored. Raises Inconclusive if another run keeps the lock.
    """

    def __init__(self, admin: Account, journal: Journal, lock: Path, report_leak: Callable[[str], None]) -> None:
        self._admin = admin
        self._journal = journal
        self._lock = FileLock(lock)
        self._report_leak = report_leak

    def _setUp(self) -> None:  # noqa: N802 - the name that the package fixtures calls
        seconds = self._admin.deadlines.lease
        try:
            self._lock.acquire(timeout=seconds)
        except Timeout:
            raise Inconclusive(f"another run kept the cloud's defaults changed for {seconds:g} s") from None
        self.addCleanup(self._lock.release)
        self._journal.note("defaults", read(self._admin))
        self.addCleanup(self._restore)

    def _restore(self) -> None:
        for line in restore_from_journal(self._admin, self._journal):
            self._report_leak(line)
