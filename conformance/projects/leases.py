"""Clean projects for tests: their sources, and leases, after which a project is as it was before."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from time import monotonic
from typing import Protocol

import fixtures
from filelock import FileLock, Timeout

from conformance.deadlines import attempts
from conformance.projects import limits
from conformance.projects.accounts_file import ADMIN
from conformance.projects.inventory import (
    KINDS,
    NOTHING,
    TOPOLOGY,
    USUAL,
    Inventory,
    remove_known,
    remove_new,
    take_inventory,
)
from conformance.projects.kept import AsBuilt, topology_alone
from conformance.projects.limits import Amounts
from conformance.projects.scratch import READER
from conformance.projects.side_effects import kinds_unasked_for
from conformance.projects.usage import Usage
from conformance.settings import UsageProblem
from conformance.target.cloud import Account, ApiError
from conformance.verdict.signals import Inconclusive, Unsupported

Known = Callable[[str, float], Mapping[str, Collection[str]]]
Kept = Callable[[], AsBuilt | None]
NO_NEEDS: Amounts = {}
EMPTY_IT = "empty it, name another, or have projects made with --admin-cloud"


@dataclass(frozen=True)
class Project:
    """One project: the account of a member and, where there can be one, of a reader.

    `made_by_run` tells projects that this run has created from others. `limits` gives what the project may have,
    `usage` counts what it has; None where it has to be listed instead.
    """

    account: Account
    reader: Callable[[], Account] | None = None
    made_by_run: bool = False
    limits: Callable[[], Amounts] = dict
    usage: Usage | None = None

    @property
    def id(self) -> str:
        return self.account.project_id

    def present(self, kinds: Collection[str]) -> Collection[str]:
        """Those kinds of objects that it has, or may have, some of."""
        return self.usage.present(kinds) if self.usage else kinds


def limits_of(account: Account) -> Callable[[], Amounts]:
    """The limits of the account's project, looked up when first needed."""
    return cache(partial(limits.read, account))


class Projects(Protocol):
    """A source of projects. `room` is how many it can lend at once."""

    room: float

    def check(self) -> None:
        """Raises UsageProblem where something has to be changed before it can lend projects."""
        ...

    def acquire(self, number: int, *, with_topology: bool = False) -> list[Project]:
        """`number` projects, for the caller alone until released. Raises Inconclusive where they are not free. They are
        empty, or may have an unchanged topology if the caller needs one anyway.
        """
        ...

    def release(self, project: Project, emptied: Callable[[], bool], as_built: Kept | None = None) -> None:
        """Empty the project by `emptied()`, now or beside the next tests; where that is False, never use it again.

        `as_built()` is the topology that may stay for the next test that needs one, None if the project has to be
        emptied.
        """
        ...

    def settle(self) -> None:
        """Wait until no project is being emptied, for a test that needs the cloud or this process for itself."""
        ...

    def any_project(self) -> Project:
        """A project for calls that change nothing, shared with other tests."""
        ...

    def close(self) -> list[str]:
        """Undo what this process did for its projects. Returns a line for each thing that could not be undone."""
        ...

    def finish(self, *, cut_short: bool) -> list[str]:
        """Undo, once all processes have ended, what those left that ended early; a line for each object that remains.
        `cut_short`: whether the run ended early.
        """
        ...


class Lease(fixtures.Fixture):  # type: ignore[misc]
    """`number` empty projects, for one test alone.

    At its end the source removes what is new in them; `leaked` is called with a line for each object that remains.
    `created_kinds()` are the kinds of objects to look for in projects that the run has made, `needed` is how much of
    each quota the test needs, `known(project's id, monotonic seconds)` is what was made in a project from then on and
    may still be there (kind -> ids). With `as_it_was` the projects may have an unchanged topology; called at the end,
    it says whether the test has left it unchanged. Raises Unsupported where a project is not empty to begin with, or
    its limits are lower.
    """

    def __init__(
        self,
        source: Projects,
        leaked: Callable[[str], None],
        number: int = 1,
        created_kinds: Callable[[], Collection[str]] = lambda: USUAL,
        needed: Amounts = NO_NEEDS,
        known: Known = lambda _project, _since: {},
        as_it_was: Callable[[], bool] | None = None,
    ) -> None:
        self._known = known
        self._as_it_was = as_it_was
        self._needed = needed
        self._source = source
        self._leaked = leaked
        self._number = number
        self._created_kinds = created_kinds
        self.projects: list[Project] = []

    def _setUp(self) -> None:  # noqa: N802 - the name that fixtures asks for
        befores: dict[str, Inventory] = {}
        self._began = monotonic()
        self.projects = self._source.acquire(self._number, with_topology=self._as_it_was is not None)
        for project in self.projects:
            if self._as_it_was and project.made_by_run:
                befores[project.id] = NOTHING  # it may have a topology
            self.addCleanup(self._end, project, befores)
        for project in self.projects:
            if self._needed and (low := limits.shortage(project.limits(), self._needed)):
                raise Unsupported(low)
            before = NOTHING if project.made_by_run else take_inventory(project.account)
            if not before.empty:
                raise Unsupported(f"project {project.id} is not empty, it has {before}: {EMPTY_IT}")
            befores[project.id] = before

    def _end(self, project: Project, befores: dict[str, Inventory]) -> None:
        """Release the project, with an unchanged topology, or emptied if it was empty to begin with."""
        before = befores.get(project.id)
        created = frozenset(self._created_kinds())
        unasked = kinds_unasked_for(created)

        def emptied() -> bool:
            if before is None:
                return True
            kinds = created | unasked if project.made_by_run else frozenset(KINDS)
            leaks = empty_project(project, before, kinds, unasked, partial(self._may_be_there, project))
            for leak in leaks:
                self._leaked(leak)
            return not leaks

        def as_built() -> AsBuilt | None:
            try:
                remove_known(project.account, NOTHING, created, partial(self._may_be_there, project, but=TOPOLOGY))
                return topology_alone(project.account, project.usage) if project.usage else None
            except (ApiError, UsageProblem):
                return None  # the removal reports the same error

        keeps = project.usage is not None and self._as_it_was is not None and self._as_it_was()
        self._source.release(project, emptied, as_built if keeps else None)

    def _may_be_there(self, project: Project, but: str = "") -> Inventory:
        candidates = self._known(project.id, self._began)
        return Inventory({kind: dict.fromkeys(ids, "") for kind, ids in candidates.items() if kind != but})


def _lines(inventory: Inventory) -> list[str]:
    return [f"{kind} {id_} {name}".rstrip() for kind, items in inventory.items.items() for id_, name in items.items()]


def empty_project(
    project: Project,
    before: Inventory,
    kinds: Collection[str] = KINDS,
    unasked: Collection[str] = (),
    known: Callable[[], Inventory] = lambda: NOTHING,
) -> list[str]:
    """Remove what is new in the project since `before`, of these kinds; a line for each object that is left, and for
    each new one of the kinds `unasked`, which no request of the test creates. For KINDS all are listed.
    """
    try:
        removal = remove_new(project.account, before, kinds, tuple if kinds is KINDS else project.present, known)
    except (ApiError, UsageProblem) as error:
        return [f"project {project.id} could not be looked at afterwards: {error}"]
    unrequested = Inventory({kind: removal.new.of(kind) for kind in unasked})
    leaks = [f"project {project.id} was given {line}, which was not asked for" for line in _lines(unrequested)]
    return leaks + [f"project {project.id} keeps {line}" for line in _lines(removal.remaining)]


class ListedProjects:
    """Existing projects: of clouds named on the command line, or of an accounts file.

    File locks in the folder `locks` keep other processes out; `seconds` bounds the wait for a free project.
    """

    def __init__(self, accounts: Sequence[Account], locks: Path, seconds: float) -> None:
        self._projects = [Project(account, limits=limits_of(account)) for account in accounts]
        self._folder = locks
        self._seconds = seconds
        self._held: dict[str, FileLock] = {}
        self.room: float = len(accounts)

    def check(self) -> None:
        """Raises UsageProblem for accounts that tests cannot use, before anything is changed, and where no locks can be
        kept."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise UsageProblem(f"cannot write to {self._folder}: {error.strerror}: set XDG_STATE_HOME") from None
        users: dict[str, str] = {}
        for project in self._projects:
            account = project.account
            if not account.project_id:
                raise UsageProblem(f"{account.name}: signs in to no project: name one in clouds.yaml")
            if other := users.get(account.project_id):
                raise UsageProblem(f"{account.name} and {other} are of one project: name a user of another one")
            users[account.project_id] = account.name
            if ADMIN in account.roles:
                raise UsageProblem(f"{account.name}: is an administrator (role admin): name a member of the project")
            if account.roles and account.roles <= {READER}:
                raise UsageProblem(f"{account.name}: is only a reader of its project: name a member of it")
        for project in self._projects:
            inventory = take_inventory(project.account)
            if not inventory.empty:
                raise UsageProblem(f"{project.account.name}: its project is not empty, it has {inventory}: {EMPTY_IT}")

    def acquire(self, number: int, *, with_topology: bool = False) -> list[Project]:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        acquired: list[Project] = []
        for _ in attempts(self._seconds):
            for project in self._projects:
                if len(acquired) < number and self._try_lock(project):
                    acquired.append(project)
            if len(acquired) == number:
                return acquired
            while acquired:  # all or none: two processes that need several would wait for each other
                self._unlock(acquired.pop())
        raise Inconclusive(f"no project became free within {self._seconds:g} s: use fewer processes (-n)")

    def _try_lock(self, project: Project) -> bool:
        if project.id in self._held:
            return False
        lock = FileLock(self._folder / f"{project.id}.lock")
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return False
        self._held[project.id] = lock
        return True

    def _unlock(self, project: Project) -> None:
        self._held.pop(project.id).release()

    def release(self, project: Project, emptied: Callable[[], bool], as_built: Kept | None = None) -> None:
        """Empty it at once: the next test may need this project, and another process may wait for it."""
        try:
            emptied()
        finally:
            self._unlock(project)

    def settle(self) -> None:
        pass

    def any_project(self) -> Project:
        return self._projects[0]

    def close(self) -> list[str]:
        return []

    def finish(self, *, cut_short: bool) -> list[str]:
        """Empty the projects that no process has locked: all were empty when the run began."""
        leaks = []
        for project in self._projects if cut_short else ():
            if self._try_lock(project):
                leaks += empty_project(project, NOTHING)
                self._unlock(project)
        return leaks
