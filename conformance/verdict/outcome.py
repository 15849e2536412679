"""What became of one test: its state, and that of each requirement which it says something about."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from conformance.redact import redact
from conformance.verdict.states import State

ATTRIBUTE = "gman_outcome"  # of a pytest report, under which an outcome travels with it
FAILED = {State.ERROR, State.FAIL, State.INCONCLUSIVE}  # what pytest is to count as failed; the rest as skipped


@dataclass(frozen=True)
class TestOutcome:
    """`observed` gives the state of each requirement that the test says something about, `reasons` why it is no pass.

    A test that covers none is a step towards those of `arc`, and its own state is under "".
    """

    __test__ = False  # no test, for pytest

    state: State
    reason: str = ""
    observed: Mapping[str, State] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    arc: Collection[str] = ()

    def without(self, secrets: Collection[str]) -> Self:
        """The same, with nothing secret in its reasons."""
        return replace(self, reason=redact(self.reason, secrets), reasons=redact(self.reasons, secrets))

    def to_plain(self) -> dict[str, Any]:
        """As plain data, to be sent to another process."""
        observed = {id_: str(state) for id_, state in self.observed.items()}
        return {**vars(self), "state": str(self.state), "observed": observed, "arc": sorted(self.arc)}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        observed = {id_: State(state) for id_, state in plain["observed"].items()}
        return cls(**{**plain, "state": State(plain["state"]), "observed": observed})
