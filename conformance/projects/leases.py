"""Clean projects for tests: where they come from, and their leases, which end with the project as it was found."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

import fixtures
from filelock import FileLock, Timeout

from conformance.deadlines import attempts
from conformance.projects.background import Background
from conformance.projects.inventory import KINDS, NOTHING, USUAL, Inventory, restore, take
from conformance.projects.scratch import ScratchProjects
from conformance.settings import UsageProblem
from conformance.target.cloud import Account, ApiError
from conformance.verdict.signals import Inconclusive, Unsupported

BEHIND = 1  # projects that are emptied while a test has another
EMPTY_IT = "empty it, name another, or have projects made with --admin-cloud"


@dataclass(frozen=True)
class Project:
    """One project: its member and, where one can be had, somebody who may only read. `ours` if this run has made it.

    `lack` says why nothing can be made in it, and what to do; empty if nothing is known to stand in the way.
    """

    account: Account
    reader: Callable[[], Account] | None = None
    ours: bool = False
    lack: str = ""

    @property
    def id(self) -> str:
        return self.account.project_id


class Projects(Protocol):
    """Where projects come from. `room` is how many can be had at once."""

    room: float

    def check(self) -> None:
        """Raises UsageProblem when there is something to change before projects can be had."""
        ...

    def take(self, number: int) -> list[Project]:
        """That many projects, the caller's alone until they are given back. Raises Inconclusive when none is free."""
        ...

    def give_back(self, project: Project, emptied: Callable[[], bool]) -> None:
        """Have it emptied, now or beside the next tests; one that could not be is not had again."""
        ...

    def settle(self) -> None:
        """Come back when nothing is being emptied any more, for what wants the cloud, or this process, for itself."""
        ...

    def any(self) -> Project:
        """A project to look from, shared with others."""
        ...

    def close(self) -> list[str]:
        """Undo what this process did to have projects, and name what could not be undone."""
        ...

    def finish(self, *, cut_short: bool) -> list[str]:
        """When all processes have ended: do what those left undone that ended too early, if the run was `cut_short`.

        Names what could not be done.
        """
        ...


class Lease(fixtures.Fixture):  # type: ignore[misc]
    """`number` projects with nothing in them, ours alone while it holds.

    Afterwards what has come to them is taken away, by when says their source; what cannot be is told to `leaked`, one
    line each. `left` is asked before for the kinds to look for in projects of the run's own. Raises Unsupported when a
    project is not empty to begin with, or may not have what it takes.
    """

    def __init__(
        self,
        source: Projects,
        leaked: Callable[[str], None],
        number: int = 1,
        left: Callable[[], Collection[str]] = lambda: USUAL,
    ) -> None:
        self._source = source
        self._leaked = leaked
        self._number = number
        self._left = left
        self.projects: list[Project] = []

    def _setUp(self) -> None:  # noqa: N802 - the name that fixtures asks for
        befores: dict[str, Inventory] = {}
        self.projects = self._source.take(self._number)
        for project in self.projects:
            self.addCleanup(self._end, project, befores)
        for project in self.projects:
            if project.lack:
                raise Unsupported(project.lack)
            befores[project.id] = NOTHING if project.ours else _empty(project)

    def _end(self, project: Project, befores: dict[str, Inventory]) -> None:
        """Leave the project as it was; one that was refused, for it was not empty, is not touched."""
        before = befores.get(project.id)
        kinds = frozenset(self._left() if project.ours else KINDS)

        def emptied() -> bool:
            lost = [] if before is None else _restored(project, before, kinds)
            for line in lost:
                self._leaked(line)
            return not lost

        self._source.give_back(project, emptied)


def _restored(project: Project, before: Inventory, kinds: Collection[str] = KINDS) -> list[str]:
    """What cannot be taken away of what has come to the project, of these kinds."""
    try:
        left = restore(project.account, before, kinds)
    except (ApiError, UsageProblem) as wrong:
        return [f"project {project.id} could not be looked at afterwards: {wrong}"]
    return [
        f"project {project.id} keeps {kind} {id_} {name}".rstrip()
        for kind, items in left.items.items()
        for id_, name in items.items()
    ]


def _empty(project: Project) -> Inventory:
    before = take(project.account)
    if not before.empty:
        raise Unsupported(f"project {project.id} is not empty, it has {before}: {EMPTY_IT}")
    return before


class ListedProjects:
    """Projects that were there before: of the clouds named, or of an accounts file.

    File locks in `locks` keep other processes out.
    """

    def __init__(self, accounts: Sequence[Account], locks: Path, seconds: float) -> None:
        self._projects = [Project(account) for account in accounts]
        self._folder = locks
        self._seconds = seconds
        self._held: dict[str, FileLock] = {}
        self.room: float = len(accounts)

    def check(self) -> None:
        for project in self._projects:
            held = take(project.account)
            if not held.empty:
                raise UsageProblem(f"{project.account.name}: its project is not empty, it has {held}: {EMPTY_IT}")

    def take(self, number: int) -> list[Project]:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        mine: list[Project] = []
        for _ in attempts(self._seconds):
            for project in self._projects:
                if len(mine) < number and self._locked(project):
                    mine.append(project)
            if len(mine) == number:
                return mine
            while mine:  # all or nothing, lest two who want several each wait for what the other has
                self._unlock(mine.pop())
        raise Inconclusive(f"no project became free within {self._seconds:g} s: use fewer processes (-n)")

    def _locked(self, project: Project) -> bool:
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

    def give_back(self, project: Project, emptied: Callable[[], bool]) -> None:
        """Emptied at once: there may be no other for the next test, and another process may wait for this one."""
        try:
            emptied()
        finally:
            self._unlock(project)

    def settle(self) -> None:
        pass

    def any(self) -> Project:
        return self._projects[0]

    def close(self) -> list[str]:
        return []

    def finish(self, *, cut_short: bool) -> list[str]:
        """All were empty when the run began: what is in those that nobody holds has come with it."""
        left = []
        for project in self._projects if cut_short else ():
            if self._locked(project):
                left += _restored(project, NOTHING)
                self._unlock(project)
        return left


class MadeProjects:
    """Projects that an administrator makes for the run; one is used again once it has been emptied.

    That is done while the next test has another: it takes about a quarter of a run, most of it spent waiting.
    """

    room = float("inf")

    def __init__(self, scratch: ScratchProjects) -> None:
        self._scratch = scratch
        self._free: list[Project] = []
        self._emptying = Background("emptying")

    def check(self) -> None:
        self._scratch.check()

    def take(self, number: int) -> list[Project]:
        self._emptying.wait(BEHIND)
        return [self._free.pop() if self._free else self._make() for _ in range(number)]

    def _make(self) -> Project:
        made = self._scratch.make()
        return Project(made.member(), cache(made.reader), ours=True, lack=made.lack)  # one reader for all who lease it

    def give_back(self, project: Project, emptied: Callable[[], bool]) -> None:
        def empty() -> None:
            if emptied():
                self._free.append(project)

        self._emptying.do(empty)

    def settle(self) -> None:
        self._emptying.wait()

    def any(self) -> Project:
        if not self._free:
            self._free.append(self._make())
        return self._free[0]

    def close(self) -> list[str]:
        self.settle()
        used = [project for project in self._free if not project.lack]
        left = [line for project in used for line in _restored(project, NOTHING)]
        self._free.clear()
        return left + self._scratch.delete()

    def finish(self, *, cut_short: bool) -> list[str]:
        return self._scratch.sweep()
