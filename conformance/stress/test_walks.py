"""Random walks through the life of a project's topology; of one that fails, the shortest failing part is reported."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import pytest

from conformance.projects.inventory import NOTHING, USUAL, remove_new
from conformance.projects.leases import Project
from conformance.race.engine import options
from conformance.race.engine.caller import Caller, CallerForUser
from conformance.race.engine.history import History
from conformance.race.operations.servers import Template
from conformance.race.scenarios.random_walk import Plan, Walker, draw_steps, shrink
from conformance.race.scenarios.transcript import ModelMismatch, Transcript
from conformance.run.context import RunContext


@pytest.mark.requirement("N-AAT-051")
def test_walks(
    context: RunContext,
    caller_of: CallerForUser,
    empty_project: Project,
    history_dir: Path,
    template: Template,
    pytestconfig: pytest.Config,
) -> None:
    seed, number = options.walks(pytestconfig)
    history = History.within(history_dir, "walk", context.settings.run_id)
    for place in range(1, number + 1):
        walks = Walks(empty_project, caller_of(empty_project.account, history, f"walk-{seed}-{place}"), template)
        steps_taken, mismatch = walks.walk(partial(draw_steps, seed=f"{seed}-{place}"))
        if mismatch:
            raise AssertionError(walks.shortest(steps_taken, mismatch))


class Walks:
    """Walks in one project, which is emptied after each."""

    def __init__(self, project: Project, caller: Caller, template: Template) -> None:
        self._project = project
        self._caller = caller
        self._template = template
        self._clean = True

    def walk(self, steps: Callable[[Walker], Iterable[str]]) -> tuple[Plan, str]:
        """The steps that were taken, and what went wrong, if anything."""
        walker, steps_taken, story = Walker(Transcript(self._caller), self._template), [], []
        try:
            for step in steps(walker):
                steps_taken.append(step)
                walker.try_step(step)
        except ModelMismatch as mismatch:
            story = [
                f"{self._caller.race}: {mismatch}",
                f"on the way {' '.join(steps_taken)}:",
                *walker.transcript.lines,
            ]
        finally:
            project = self._project
            self._clean = remove_new(project.account, NOTHING, USUAL, project.present).remaining.empty
        return tuple(steps_taken), "\n".join(story)

    def shortest(self, steps_taken: Plan, story: str) -> str:
        """The story of a shorter walk that fails as well, as far as the project can be emptied in between."""
        stories = {steps_taken: story}

        def fails(plan: Plan) -> bool:
            if self._clean:
                stories[plan] = self.walk(lambda _: plan)[1]
            return bool(stories.get(plan))

        return stories[shrink(steps_taken, fails)]
