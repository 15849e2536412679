"""Runs of a part of the suite against a reference with planted faults, each judged by itself."""

import os
import secrets
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from conformance.deadlines import Deadlines
from conformance.report.build import build
from conformance.report.collect import INTERRUPTED, OnlyEnds
from conformance.requirements import registry
from conformance.requirements.registry import Profile
from conformance.run import session
from conformance.run.embedded import OUTSIDE, against
from conformance.run.selection import OPTION
from conformance.settings import Settings, UsageProblem
from conformance.verdict.states import Exit, State
from proving import forked, reference_process
from reference.differences import CATALOGUE

PROFILES = tuple(profile for profile in Profile if profile is not Profile.CONNECTIVITY)
LONGEST = 180  # seconds that a run may take
# The reference builds and deletes in milliseconds: a fault that prevents that shows soon, without waiting for long.
# A missed deadline is inconclusive, and finds no fault, but for catch_up.
DEADLINES = Deadlines(race=20, server_build=15, guest=60, catch_up=5, settle=5)
NO_VERDICT = -1
JUDGED = (Exit.CONFORMANT, Exit.FAILED, Exit.INCONCLUSIVE)


@dataclass(frozen=True)
class Trial:
    """The result of one run: the state of each observed requirement, its duration, the reason where it broke, and the
    exit code of `gman run`, NO_VERDICT without one.

    A run in which the suite or the reference broke, or that was `refused`, proves nothing about the fault.
    """

    states: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    trouble: str = ""
    code: int = NO_VERDICT
    refused: bool = False

    @property
    def unproven(self) -> tuple[str, ...]:
        """The requirements that came out as inconclusive; none where the run broke."""
        return () if self.trouble else tuple(id_ for id_, state in self.states.items() if state == State.INCONCLUSIVE)

    @property
    def red(self) -> tuple[str, ...]:
        """The requirements that failed; none where the run broke."""
        return () if self.trouble else tuple(id_ for id_, state in self.states.items() if state == State.FAIL)


def run(
    faults: Sequence[str],
    ids: Collection[str] = (),
    rounds: int = 1,
    profiles: Sequence[str] = PROFILES,
    longest: float = LONGEST,
    differences: Sequence[str] = (),
    source: Path | None = None,
    options: Sequence[str] = (),
    *,
    guests: bool = False,
) -> list[Trial]:
    """The results of `rounds` runs against one reference, of the tests of those requirements, or of all without `ids`.

    `source` is a folder with another package `reference`, and `options` are pytest's. With `guests` the servers run,
    and connectivity is claimed as well.
    A run that takes longer than `longest` seconds is the last one, as its reference is killed with it.
    """
    trials: list[Trial] = []
    start = time.monotonic()
    try:
        selection = (*options, *([f"{OPTION}={','.join(ids)}"] if ids else []))
        planted = (tuple(faults), tuple(differences), source)
        for result in forked.results(
            _rounds,
            *planted,
            selection,
            rounds,
            (*profiles, *([Profile.CONNECTIVITY] if guests else [])),
            longest=longest,
        ):
            trials.append(result)
            start = time.monotonic()
    except (TimeoutError, RuntimeError) as error:
        trials.append(Trial(seconds=time.monotonic() - start, trouble=str(error)))
    return trials


def _rounds(
    folder: Path,
    faults: tuple[str, ...],
    differences: tuple[str, ...],
    source: Path | None,
    selection: tuple[str, ...],
    rounds: int,
    profiles: tuple[str, ...],
) -> Iterator[Trial]:
    """The forked process's part of `run`; the first round's time includes the start of the reference."""
    os.environ["XDG_STATE_HOME"] = str(folder)
    for name in ("OS_CLOUD", "OS_AUTH_URL"):  # so that the caller's own cloud is not used
        os.environ.pop(name, None)
    start = time.monotonic()
    guests = Profile.CONNECTIVITY in profiles
    clouds = reference_process.start(faults, differences, folder / "data", source, guests=guests)
    for place in range(rounds):
        settings = Settings(
            cloud="",
            claims=profiles,
            disruptive=True,
            outside=OUTSIDE if guests else (),
            deadlines=DEADLINES,
            report=folder / f"report-{place}",
            run_id=secrets.token_hex(4),
        )
        settings = against(settings, clouds)
        if any(CATALOGUE[id_].by_members for id_ in differences):
            settings = replace(settings, admin_cloud="", disruptive=False)
        states, trouble, code = _verdicts(settings, selection)
        crash = reference_process.crash(folder / "data")
        refused = code == Exit.USAGE and not crash
        yield Trial(states, time.monotonic() - start, crash or trouble, code, refused)
        start = time.monotonic()


def _verdicts(settings: Settings, selection: Sequence[str]) -> tuple[dict[str, str], str, int]:
    """The result of `gman run`: the requirements' states, why there is no verdict (or empty), and the exit code."""
    try:
        context = session.prepared(settings)
        results = session.execute(context, 0, selection, OnlyEnds(lambda _test: None), INTERRUPTED)
    except UsageProblem as error:
        return {}, str(error).splitlines()[0], Exit.USAGE
    report = build(registry.load(), results, [], {}, context.claims, "", 0.0)
    broken = next(iter(report.problems), f"exit code {report.exit_code}")
    states = {line.id: str(line.state) for line in report.requirements if line.tests}
    return states, "" if report.exit_code in JUDGED else broken, report.exit_code
