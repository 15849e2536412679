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
from conformance.projects.background import Background
from conformance.projects.inventory import KINDS, NOTHING, USUAL, Inventory, remove_new, take_inventory
from conformance.projects.limits import Amounts
from conformance.projects.scratch import READER, ScratchProjects
from conformance.projects.side_effects import kinds_unasked_for
from conformance.projects.usage import Usage
from conformance.settings import UsageProblem
from conformance.target.cloud import Account, ApiError
from conformance.verdict.signals import Inconclusive, SetUpFailed, Unsupported

Known = Callable[[str, float], Mapping[str, Collection[str]]]
NO_NEEDS: Amounts = {}
BEHIND = 1  # projects that are being emptied while the next test runs
MAKE_THEM = "name another --admin-cloud, or existing projects with --alt-cloud or --accounts"
EMPTY_IT = "empty it, name another, or have projects made with --admin-cloud"


@dataclass(frozen=True)
class Project:
    """One project: the account of a member and, where there can be one, of a reader.

    `made_by_run` tells projects that this run has created from others. `limits` gives what the project may have,
    `present(kinds)` are those kinds of objects that it may have some of, without a list of each.
    """

    account: Account
    reader: Callable[[], Account] | None = None
    made_by_run: bool = False
    limits: Callable[[], Amounts] = dict
    present: Callable[[Collection[str]], Collection[str]] = tuple

    @property
    def id(self) -> str:
        return self.account.project_id


def _limits(account: Account) -> Callable[[], Amounts]:
    """The limits of the account's project, looked up when first needed."""
    return cache(partial(limits.read, account))


class Projects(Protocol):
    """A source of projects. `room` is how many can be had at once."""

    room: float

    def check(self) -> None:
        """Raises UsageProblem where something has to be changed before projects can be had."""
        ...

    def acquire(self, number: int) -> list[Project]:
        """That many projects, for the caller alone until released. Raises Inconclusive where they are not free."""
        ...

    def release(self, project: Project, emptied: Callable[[], bool]) -> None:
        """Empty the project by `emptied`, now or beside the next tests; where that is False, never use it again."""
        ...

    def settle(self) -> None:
        """Wait until no project is being emptied, for a test that needs the cloud or this process for itself."""
        ...

    def any_project(self) -> Project:
        """A project for calls that change nothing, shared with other tests."""
        ...

    def close(self) -> list[str]:
        """Undo what this process did for its projects; a line for each that could not be undone."""
        ...

    def finish(self, *, cut_short: bool) -> list[str]:
        """Undo what processes that ended early have left, once all have ended; a line for each that is left.

        `cut_short`: whether the run ended early.
        """
        ...


class Lease(fixtures.Fixture):  # type: ignore[misc]
    """`number` empty projects, for one test alone.

    At its end the source removes what is new in them; `leaked` is called with a line for each object that remains.
    `created_kinds()` are the kinds of objects to look for in projects that the run has made, `needed` is how much of
    each quota the test needs, `known(project's id, monotonic seconds)` is what was made in a project from then on and
    may still be there (kind -> ids). Raises Unsupported where a project is not empty to begin with, or its limits are
    lower.
    """

    def __init__(
        self,
        source: Projects,
        leaked: Callable[[str], None],
        number: int = 1,
        created_kinds: Callable[[], Collection[str]] = lambda: USUAL,
        needed: Amounts = NO_NEEDS,
        known: Known = lambda _project, _since: {},
    ) -> None:
        self._known = known
        self._needed = needed
        self._source = source
        self._leaked = leaked
        self._number = number
        self._created_kinds = created_kinds
        self.projects: list[Project] = []

    def _setUp(self) -> None:  # noqa: N802 - the name that fixtures asks for
        befores: dict[str, Inventory] = {}
        self._began = monotonic()
        self.projects = self._source.acquire(self._number)
        for project in self.projects:
            self.addCleanup(self._end, project, befores)
        for project in self.projects:
            if self._needed and (low := limits.shortage(project.limits(), self._needed)):
                raise Unsupported(low)
            before = NOTHING if project.made_by_run else take_inventory(project.account)
            if not before.empty:
                raise Unsupported(f"project {project.id} is not empty, it has {before}: {EMPTY_IT}")
            befores[project.id] = before

    def _end(self, project: Project, befores: dict[str, Inventory]) -> None:
        """Release the project, emptied if it was empty to begin with."""
        before = befores.get(project.id)
        created = frozenset(self._created_kinds())
        unasked = kinds_unasked_for(created)

        def emptied() -> bool:
            if before is None:
                return True
            kinds = created | unasked if project.made_by_run else frozenset(KINDS)
            leaks = _remove_new(project, before, kinds, unasked, partial(self._may_be_there, project))
            for leak in leaks:
                self._leaked(leak)
            return not leaks

        self._source.release(project, emptied)

    def _may_be_there(self, project: Project) -> Inventory:
        return Inventory({kind: dict.fromkeys(ids, "") for kind, ids in self._known(project.id, self._began).items()})


def _lines(inventory: Inventory) -> list[str]:
    return [f"{kind} {id_} {name}".rstrip() for kind, items in inventory.items.items() for id_, name in items.items()]


def _remove_new(
    project: Project,
    before: Inventory,
    kinds: Collection[str] = KINDS,
    unasked: Collection[str] = (),
    known: Callable[[], Inventory] = lambda: NOTHING,
) -> list[str]:
    """Remove what of these kinds is new in the project since `before`; a line for each object that is left, and for
    each of the kinds `unasked`, which no request of the test creates. Where it is to be all kinds, all are listed.
    """
    try:
        removal = remove_new(project.account, before, kinds, tuple if kinds is KINDS else project.present, known)
    except (ApiError, UsageProblem) as error:
        return [f"project {project.id} could not be looked at afterwards: {error}"]
    given = Inventory({kind: removal.found.of(kind) for kind in unasked})
    leaks = [f"project {project.id} was given {line}, which was not asked for" for line in _lines(given)]
    return leaks + [f"project {project.id} keeps {line}" for line in _lines(removal.left)]


class ListedProjects:
    """Existing projects: of clouds named on the command line, or of an accounts file.

    File locks in the folder `locks` keep other processes out; `seconds` bounds the wait for a free project.
    """

    def __init__(self, accounts: Sequence[Account], locks: Path, seconds: float) -> None:
        self._projects = [Project(account, limits=_limits(account)) for account in accounts]
        self._folder = locks
        self._seconds = seconds
        self._held: dict[str, FileLock] = {}
        self.room: float = len(accounts)

    def check(self) -> None:
        """Raises UsageProblem for accounts with which no test would say anything of the cloud, before any change."""
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

    def acquire(self, number: int) -> list[Project]:
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

    def release(self, project: Project, emptied: Callable[[], bool]) -> None:
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
                leaks += _remove_new(project, NOTHING)
                self._unlock(project)
        return leaks


class MadeProjects:
    """Projects that an administrator creates for the run, each used again once it has been emptied.

    They are emptied beside the next tests: that takes about a quarter of a run, most of it waiting.
    """

    room = float("inf")

    def __init__(self, scratch: ScratchProjects) -> None:
        self._scratch = scratch
        self._free: list[Project] = []
        self._emptying = Background("emptying")

    def check(self) -> None:
        """Make the first one, which the tests then use."""
        self._scratch.check()
        try:
            self._free.append(self._make())
        except ApiError as error:
            raise UsageProblem(f"the run cannot make a project and its user: {error}: {MAKE_THEM}") from None

    def acquire(self, number: int) -> list[Project]:
        self._emptying.wait(BEHIND)
        try:
            return [self._free.pop() if self._free else self._make() for _ in range(number)]
        except (ApiError, UsageProblem) as error:
            raise SetUpFailed(f"the run could not make another project and its user: {error}") from None

    def _make(self) -> Project:
        scratch = self._scratch.make()
        reader, member = cache(scratch.reader), scratch.member()  # one for all leases
        return Project(member, reader, made_by_run=True, limits=_limits(member), present=Usage(member).present)

    def release(self, project: Project, emptied: Callable[[], bool]) -> None:
        def empty() -> None:
            if emptied():
                self._free.append(project)

        self._emptying.submit(empty)

    def settle(self) -> None:
        self._emptying.wait()

    def any_project(self) -> Project:
        if not self._free:
            self._free.append(self._make())
        return self._free[0]

    def close(self) -> list[str]:
        self.settle()
        # without its default security group, which takes rules, not even the list of a project's groups is answered
        listable = [project for project in self._free if project.limits().get("security_group_rule") != 0]
        leaks = [line for project in listable for line in _remove_new(project, NOTHING)]
        self._free.clear()
        return leaks + self._scratch.delete()

    def finish(self, *, cut_short: bool) -> list[str]:
        return self._scratch.sweep()
