"""The failures of a report for its reader: the weightiest first, and those of one cause together."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from conformance.race.checkers.breaking import ID
from conformance.race.checkers.timeline import SHORT
from conformance.race.engine.history import AFTERWARDS
from conformance.race.judgements import JUDGEMENTS
from conformance.report.model import Report
from conformance.requirements.registry import Level, Profile
from conformance.verdict.records import Observation, RequirementRecord
from conformance.verdict.states import State

# the URL ends the line, and is matched from the end, so that a long line takes no longer
CALL = re.compile(r"^curl -i -X (\S+)[^\n]*\s'?(https?://[^\s']+)'?\n\n(\d{3})?", re.MULTILINE)
ANSWER = re.compile(r"^\d{3} [^\n]*\n(?:[^\n]+\n)*\n(.*)", re.MULTILINE | re.DOTALL)  # status, headers, body
VARIABLE = re.compile(  # what differs between two failures of one cause: quoted texts, JSON, ids, addresses, numbers
    r"'[^']*'|\{.*|\[.*|[0-9a-f]{8}-[0-9a-f-]{27}|\b[0-9a-f]{32}\b|\b[0-9a-f]*:[0-9a-f:]+(?:/\d+)?|\d+(?:\.\d+)*"
)
TITLE = 160  # characters


@dataclass(frozen=True)
class Failure:
    """A test that failed, with the requirements that it failed. `race` names the race that it judges, if any."""

    test: Observation
    requirements: Sequence[RequirementRecord]
    race: str = ""

    @property
    def reason(self) -> str:
        """The first line of what is known, without the state before it."""
        return self.test.message.strip().partition("\n")[0].removeprefix(f"{self.test.state}: ")

    @property
    def complaint(self) -> str:
        """The reason, without the name of a race's round, as it differs between equal failures of several rounds."""
        if self.race:
            return self.reason.partition(": ")[2] or self.reason
        return self.reason

    @cached_property
    def _exchange(self) -> re.Match[str] | None:
        """The method, the URL and the status in the message, found once, as messages may be long."""
        return CALL.search(self.test.message)

    @property
    def call(self) -> str:
        """The call that was answered wrongly, and the status, without ids; empty without an exchange."""
        match = self._exchange
        return f"{match[1]} {_target(match[2]).partition('?')[0]} {_outcome(match[3])}" if match else ""

    @property
    def call_in_full(self) -> str:
        """As `call`, with the URL's query, which tells lists with different filters apart."""
        match = self._exchange
        return f"{match[1]} {_target(match[2])[:TITLE]} {_outcome(match[3])}" if match else ""

    @property
    def body(self) -> str:
        """The body of that answer, without ids; empty where there is none."""
        match = self._exchange
        answer = ANSWER.search(self.test.message, match.start(3)) if match and match[3] else None
        return ID.sub("…", answer[1].strip()) if answer else ""

    @property
    def is_aftermath(self) -> bool:
        """Whether it is about what a race left behind, usually a consequence of another failure in the race."""
        return bool(self.race) and self.reason.partition(":")[0].endswith(AFTERWARDS)

    @property
    def weight(self) -> tuple[int, int]:
        """The level and profile of the weightiest of its requirements, as numbers: the smallest is the weightiest. A
        step weighs least. In a race the weightiest are those about races.
        """
        profiles = sorted(Profile, key=lambda profile: bool(self.race) and profile is not Profile.RACE)
        weights = [
            ([*Level].index(Level(line.level)), profiles.index(Profile(line.profile))) for line in self.requirements
        ]
        return min(weights, default=(len(Level), len(Profile)))


def _target(url: str) -> str:
    """The path and query of a URL, without ids."""
    return ID.sub("…", re.sub(r"^https?://[^/]+", "", url))


def _outcome(status: str | None) -> str:
    return f"answered {status}" if status else "was not answered"


@dataclass
class Cause:
    """Failures that look alike: the same call, and the same answer or complaint. The first is the weightiest."""

    call: str
    failures: list[Failure] = field(default_factory=list)

    @property
    def title(self) -> str:
        """What the first failure complains of, with ids as short as in pictures."""
        complaint = ID.sub(lambda id_: f"…{id_[0][-SHORT:]}", self.failures[0].complaint)
        return f"{complaint[:TITLE]}…" if len(complaint) > TITLE else complaint


@dataclass(frozen=True)
class Part:
    """Failures of one level: MUST, SHOULD, not proven, MAY; or of profiles that were not claimed."""

    name: str
    about: str
    causes: Sequence[Cause]

    @property
    def pale(self) -> bool:
        """Whether they leave the verdict as it is."""
        return self.name in (MAY, UNCLAIMED)

    @property
    def tests(self) -> int:
        return sum(len(cause.failures) for cause in self.causes)


MUST, SHOULD, UNPROVEN, MAY, UNCLAIMED = "Failures", "SHOULD", "Not proven", "MAY", "Not claimed"
ABOUT = {
    MUST: "What every cloud must do, and this one did not. Those that most tests fail for come first, leftovers last.",
    SHOULD: "What a cloud should do; this changes the verdict, too.",
    UNPROVEN: "Too little could be observed to tell; nothing is known to be wrong.",
    MAY: "What a cloud may do otherwise: this does not change the verdict.",
    UNCLAIMED: "Failures in profiles that were not claimed: they do not change the verdict.",
}


def parts(report: Report) -> list[Part]:
    """The failures by level, MUST first; parts without any are left out."""
    by_part: dict[str, list[Failure]] = {name: [] for name in ABOUT}
    for failure in failures(report):
        by_part[_part(failure, report.claims.claimed)].append(failure)
    return [Part(name, ABOUT[name], _causes(failures)) for name, failures in by_part.items() if failures]


def failures(report: Report) -> Iterable[Failure]:
    """One for each test, however many requirements it failed."""
    requirements: dict[str, list[RequirementRecord]] = {}
    tests: dict[str, Observation] = {}
    by_id = {line.id: line for line in report.requirements}
    for id_, test in report.failures():
        if test.id not in tests or test.state is not State.INCONCLUSIVE:
            tests[test.id] = test
        requirements.setdefault(test.id, []).extend([by_id[id_]] if id_ else [])
    for name, test in tests.items():
        race = JUDGEMENTS.get(name.partition("::")[2])
        yield Failure(test, requirements[name], race.race if race else "")


def _part(failure: Failure, claimed: Collection[str]) -> str:
    if failure.requirements and not any(line.profile in claimed for line in failure.requirements):
        return UNCLAIMED
    if failure.test.state is State.INCONCLUSIVE:
        return UNPROVEN
    levels = {line.level for line in failure.requirements}
    if not levels or Level.MUST in levels:  # a step without a requirement is a step to all requirements of its file
        return MUST
    return SHOULD if Level.SHOULD in levels else MAY


def _causes(failures: Iterable[Failure]) -> list[Cause]:
    """The causes, those with most tests first, and those that are consequences of others last."""
    cause_of: dict[tuple[str, ...], Cause] = {}
    causes = []
    for failure in sorted(failures, key=lambda failure: failure.weight):
        keys = [(failure.call, "complaint", VARIABLE.sub("…", failure.complaint))]
        if failure.body:
            keys.append((failure.call, "body", failure.body))
        cause = next((cause_of[key] for key in keys if key in cause_of), None)
        if cause is None:
            cause = Cause(failure.call_in_full)
            causes.append(cause)
        cause.failures.append(failure)
        cause_of |= dict.fromkeys(keys, cause)
    return sorted(causes, key=lambda cause: (cause.failures[0].is_aftermath, -len(cause.failures)))
