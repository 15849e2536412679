"""Waivers: known failures of a cloud, each with a reason, an owner and an expiry date."""

import datetime
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from conformance import PACKAGE
from conformance.schema import complaint
from conformance.settings import UsageProblem
from conformance.target.capabilities import Capabilities
from conformance.untrusted import UntrustedError, read_yaml
from conformance.verdict.states import State

BUNDLED = PACKAGE / "waivers"


def fits(pattern: str, text: str) -> bool:
    """Whether the text matches the pattern, in which `*` stands for any text, and no other character is special."""
    plain = pattern.replace("[", "[[]").replace("?", "[?]")  # special to fnmatch
    return fnmatchcase(text, plain)


@dataclass(frozen=True)
class Waiver:
    """One known failure. `test` may hold `*` for any text. Where `requirement` and `test` are both given, both match.

    With `intermittent` the test may also pass, as in a race that does not fail every time.
    """

    reason: str
    owner: str
    link: str
    expires: datetime.date
    requirement: str = ""
    test: str = ""
    intermittent: bool = False
    when: Mapping[str, Any] = field(default_factory=dict)

    def matches(self, test: str, requirement: str) -> bool:
        return self.requirement in ("", requirement) and self.matches_test(test)

    def matches_test(self, test: str) -> bool:
        return not self.test or fits(self.test, test)

    def holds_for(self, capabilities: Capabilities) -> bool:
        """Whether the cloud meets all conditions of `when`; without any, every cloud does.

        A condition is a capability and its value; where the value is a list, the capability has to contain its items.
        """
        shown = capabilities.to_plain()
        return all(
            set(value) <= set(shown.get(name) or ()) if isinstance(value, list) else shown.get(name) == value
            for name, value in self.when.items()
        )

    def excuse(self, reason: str) -> str:
        """The reason of a waived failure: the failure itself, and the waiver's reason."""
        return f"{reason} (waived: {self.reason})"

    def __str__(self) -> str:
        return " of ".join(part for part in (self.test, self.requirement) if part)


def path_of(name: str) -> Path:
    """The file of a waiver list: a path, or the name of one that comes with the suite. Raises UsageProblem."""
    bundled = BUNDLED / f"{name}.yaml"
    if bundled.is_file():
        return bundled
    if Path(name).is_file():
        return Path(name)
    names = ", ".join(sorted(path.stem for path in BUNDLED.glob("*.yaml"))) or "none"
    raise UsageProblem(f"waivers {name!r}: no such file, and not one of the lists that come with the suite: {names}")


def load(name: str, today: datetime.date) -> list[Waiver]:
    """The waivers of a list. Raises UsageProblem when it is malformed, or one has expired."""
    path = path_of(name)
    try:
        content = _plain(read_yaml(path))
    except (OSError, UntrustedError) as error:
        raise UsageProblem(f"waivers {path}: {error}") from None
    if problem := complaint("waivers", content):
        raise UsageProblem(f"waivers {path}: {problem}")
    members = {member.name for member in fields(Waiver)}
    waivers = []
    for entry in content:
        try:
            expires = datetime.date.fromisoformat(entry["expires"])
        except ValueError:
            raise UsageProblem(f"waivers {path}: expires {entry['expires']!r} is no date such as 2027-06-30") from None
        own = {key: value for key, value in {**entry, "expires": expires}.items() if key in members}
        waiver = Waiver(**own)
        if expires < today:
            raise UsageProblem(f"waivers {path}: {waiver} expired on {expires}: remove it, or renew its reason")
        waivers.append(waiver)
    return waivers


def _plain(content: Any) -> Any:
    """The content with dates as texts, as JSON Schema has no dates."""
    if isinstance(content, list):
        return [_plain(entry) for entry in content]
    if isinstance(content, dict):
        return {key: _plain(value) for key, value in content.items()}
    return content.isoformat() if isinstance(content, datetime.date) else content


def unknown(waivers: Iterable[Waiver], covered: Mapping[str, Collection[str]], tests: Collection[str]) -> Iterator[str]:
    """A line for each waiver that matches no test; `covered` gives each requirement the names of its tests."""
    for waiver in waivers:
        names = covered.get(waiver.requirement, ()) if waiver.requirement else tests
        if not any(waiver.matches_test(name) or waiver.matches_test(f"{name}[]") for name in names):
            yield f"waiver {waiver} matches no test: remove it"


def waiver_for(waivers: Iterable[Waiver], test: str, requirement: str) -> Waiver | None:
    """The waiver for a failure of a requirement (or of none, "") in a test."""
    return next((waiver for waiver in waivers if waiver.matches(test, requirement)), None)


def unneeded(waivers: Iterable[Waiver], observed: Iterable[tuple[str, str, State]]) -> Iterator[str]:
    """A line for each waiver whose tests all pass now; `observed` are (test, requirement, state)."""
    observed = list(observed)
    for waiver in waivers:
        states = {state for test, requirement, state in observed if waiver.matches(test, requirement)}
        if states == {State.PASS} and not waiver.intermittent:
            yield f"waiver {waiver}: no longer fails: remove the waiver"
