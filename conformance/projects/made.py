"""Projects that an administrator creates for the length of a run."""

from collections.abc import Callable
from functools import cache

from conformance.projects.background import Background
from conformance.projects.inventory import NOTHING
from conformance.projects.kept import AsBuilt
from conformance.projects.leases import Kept, Project, empty_project, limits_of
from conformance.projects.scratch import ScratchProjects
from conformance.projects.usage import Usage
from conformance.settings import UsageProblem
from conformance.target.cloud import ApiError
from conformance.verdict.signals import Inconclusive, SetUpFailed

BEHIND = 1  # projects that are being emptied while the next test runs
MAKE_THEM = "name another --admin-cloud, or existing projects with --alt-cloud or --accounts"


class MadeProjects:
    """Projects that an administrator creates for the run, each used again once it has been emptied.

    They are emptied beside the next tests: that takes about a quarter of a run, most of it waiting. A topology as it
    was built may stay for the next test that needs one.
    """

    room = float("inf")

    def __init__(self, scratch: ScratchProjects) -> None:
        self._scratch = scratch
        self._free: list[Project] = []
        self._kept: list[tuple[Project, AsBuilt]] = []  # with a topology as it was built
        self._lent: dict[str, AsBuilt] = {}  # id of a project that a test uses now -> what it had
        self._emptying = Background("emptying")

    def check(self) -> None:
        """Make the first one, which the tests then use."""
        self._scratch.check()
        try:
            self._free.append(self._make())
        except ApiError as error:
            raise UsageProblem(f"the run cannot make a project and its user: {error}: {MAKE_THEM}") from None

    def acquire(self, number: int, *, with_topology: bool = False) -> list[Project]:
        self._emptying.wait(0 if with_topology else BEHIND)  # a project that is being checked may keep its topology
        try:
            return [self._kept_one() if with_topology and self._kept else self._empty_one() for _ in range(number)]
        except (ApiError, UsageProblem) as error:
            unanswered = isinstance(error, ApiError) and not error.status
            ending = Inconclusive if unanswered else SetUpFailed
            raise ending(f"the run could not make another project and its user: {error}") from None

    def _kept_one(self) -> Project:
        project, self._lent[project.id] = self._kept.pop()
        return project

    def _empty_one(self) -> Project:
        return self._free.pop() if self._free else self._make()

    def _make(self) -> Project:
        scratch = self._scratch.make()
        reader, member = cache(scratch.reader), scratch.member()  # one reader for all leases
        return Project(member, reader, made_by_run=True, limits=limits_of(member), usage=Usage(member))

    def release(self, project: Project, emptied: Callable[[], bool], as_built: Kept | None = None) -> None:
        before = self._lent.pop(project.id, None)

        def empty() -> None:
            now = as_built() if as_built else None
            if now and before in (None, now):
                self._kept.append((project, now))
            elif emptied():
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
        # a limit of 0 rules admits no default security group, without which Networking does not even list groups
        projects = [*self._free, *(project for project, _ in self._kept)]
        listable = [project for project in projects if project.limits().get("security_group_rule") != 0]
        leaks = [line for project in listable for line in empty_project(project, NOTHING)]
        self._free, self._kept = [], []
        return leaks + self._scratch.delete()

    def finish(self, *, cut_short: bool) -> list[str]:
        return self._scratch.sweep()
