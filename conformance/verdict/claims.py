"""What was claimed of a cloud, held against what the cloud shows of itself and what the run was given to look with."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from conformance.requirements import registry
from conformance.requirements.registry import DEFAULT_CLAIMS, Profile
from conformance.settings import Settings

if TYPE_CHECKING:  # it takes its time to load, which a reference that is started for the run need not wait for
    from conformance.target.capabilities import Capabilities

EXTENSION = "auto-allocated-topology"
FIRST = "2.37"  # the microversion that brought `networks: auto`
VERSION = re.compile(r"(\d+)\.(\d+)")
NOT_THERE = 404


class Kind(StrEnum):
    """How a claim and what was observed may disagree."""

    MISSING = "claimed, not shown"
    NOT_GIVEN = "claimed, not looked at"
    OFFERED = "shown, not claimed"
    UNLISTED = "shown, not advertised"


@dataclass(frozen=True)
class Finding:
    """One disagreement. It decides nothing by itself: the requirements behind it do."""

    profile: str
    kind: Kind
    text: str


@dataclass(frozen=True)
class Claims:
    """`claimed` are the profiles that are judged, `observed` those that the cloud shows all it takes for."""

    claimed: tuple[str, ...] = ()
    observed: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    def to_plain(self) -> dict[str, Any]:
        return {
            "claimed": list(self.claimed),
            "observed": list(self.observed),
            "findings": [{**asdict(finding), "kind": str(finding.kind)} for finding in self.findings],
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        findings = tuple(
            Finding(finding["profile"], Kind(finding["kind"]), finding["text"]) for finding in plain["findings"]
        )
        return cls(tuple(plain["claimed"]), tuple(plain["observed"]), findings)


def judged(profiles: Collection[str], *, embedded: bool, guests: bool = False) -> tuple[str, ...]:
    """The profiles that a run judges: those named, else of the embedded reference all, else the usual ones.

    `guests` says that servers run and were given whom to call: else they are not asked how they are connected.
    """
    of_any = [profile for profile in Profile if profile is not Profile.CONNECTIVITY]
    usual = [*(of_any if embedded else DEFAULT_CLAIMS), *([Profile.CONNECTIVITY] if guests else [])]
    return tuple(map(str, profiles or usual))


def held_against(capabilities: "Capabilities", settings: Settings, room: float) -> Claims:
    """The claims of a run beside what was observed; `room` is how many projects it can have at once."""
    missing = {profile: list(lacking(profile, capabilities)) for profile in Profile}
    not_given = {profile: list(_not_given(profile, settings, room)) for profile in Profile}
    observed = [profile for profile in Profile if not missing[profile] and not not_given[profile]]
    claimed = [profile for profile in Profile if profile in settings.claims]
    findings = [Finding(profile, Kind.MISSING, text) for profile in claimed for text in missing[profile]]
    findings += [Finding(profile, Kind.NOT_GIVEN, text) for profile in claimed for text in not_given[profile]]
    findings += [
        Finding(profile, Kind.OFFERED, SHOWN[profile])
        for profile in observed
        if profile in SHOWN and profile not in claimed
    ]
    findings += _unlisted(capabilities)
    return Claims(tuple(map(str, claimed)), tuple(map(str, observed)), tuple(findings))


def _unlisted(capabilities: "Capabilities") -> Iterator[Finding]:
    """A finding for each extension that is there and not listed: clients that go by the list do without it."""
    requirements = registry.load().values()
    for alias in capabilities.unlisted:
        profiles = [entry.profile for entry in requirements if entry.extension == alias]
        ids = [entry.id for entry in requirements if entry.extension == alias]
        judged = f", so that {', '.join(ids)} cannot be judged" if ids else ""
        text = f"Networking does what the extension {alias} adds, and does not list it{judged}"
        yield Finding(str(next(iter(profiles), Profile.CORE)), Kind.UNLISTED, text)


def lacking(profile: Profile, capabilities: "Capabilities") -> Iterator[str]:
    """What the profile takes and the cloud does not show, a line each."""
    for look in LOOKS[profile]:
        if text := look(capabilities):
            yield text


def _extension(capabilities: "Capabilities") -> str:
    return "" if EXTENSION in capabilities.extensions else f"Networking does not list the extension {EXTENSION}"


def _external(capabilities: "Capabilities") -> str:
    return "" if capabilities.external_network_id else "there is no default external network"


def _pools(capabilities: "Capabilities") -> str:
    return "" if capabilities.default_pools else "a member sees no default subnet pool"


def _ipv6(capabilities: "Capabilities") -> str:
    return "" if 6 in capabilities.default_pools else "there is no default IPv6 subnet pool"


def _microversion(capabilities: "Capabilities") -> str:
    if not older(capabilities.max_microversion, FIRST) and capabilities.max_microversion:
        return ""
    newest = capabilities.max_microversion or "not told"
    return f"the newest microversion of Compute is {newest}; networks: auto takes {FIRST}"


def _shared(capabilities: "Capabilities") -> str:
    if not capabilities.shared_networks:
        return ""
    return f"network {capabilities.shared_networks[0]} is shared with every project, so that auto builds none"


Look = Callable[["Capabilities"], str]
TOPOLOGY: tuple[Look, ...] = (_extension, _external, _pools)
LOOKS: Mapping[Profile, tuple[Look, ...]] = {
    Profile.CORE: TOPOLOGY,
    Profile.COMPUTE: (_extension, _microversion, _shared),
    Profile.RACE: (*TOPOLOGY, _microversion, _shared),
    Profile.IPV6: (_ipv6,),
    Profile.POLICY: (),
    Profile.OPERATOR: (),
    Profile.CONNECTIVITY: (*TOPOLOGY, _microversion, _shared),
}
SHOWN = {  # the others take rights of the run's, which show nothing of the cloud
    Profile.CORE: f"Networking lists {EXTENSION}, and its defaults are set",
    Profile.COMPUTE: f"Compute knows microversion {FIRST}",
    Profile.IPV6: "there is a default IPv6 subnet pool",
}


def _not_given(profile: Profile, settings: Settings, room: float) -> Iterator[str]:
    """What the profile takes of the run and the run was not given."""
    if profile in (Profile.POLICY, Profile.OPERATOR) and not settings.admin_cloud:
        yield "what takes an administrator was not looked at: --admin-cloud"
    elif profile is Profile.OPERATOR and not settings.disruptive:
        yield "what changes the cloud's defaults for a while was not looked at: --disruptive"
    if profile is Profile.CONNECTIVITY and not settings.outside:
        yield "what takes a place beyond the external network was not looked at: --outside"
    if profile is Profile.RACE and room < 2:
        yield "what takes a second project was not looked at: --alt-cloud, --accounts or --admin-cloud"


def older(newest: str, needed: str) -> bool:
    """Whether a cloud's newest microversion is below the one needed; False where either is invalid."""
    matches = [VERSION.fullmatch(text) for text in (newest, needed)]
    numbers = [tuple(map(int, match.groups())) for match in matches if match]
    return len(numbers) == 2 and numbers[0] < numbers[1]


def no_topology(capabilities: "Capabilities") -> str:
    """Why a cloud has no topology to ask for: it lists its extensions and not this one, and answers 404. Else empty.

    A cloud that only leaves it out of its list, or only answers 404, is wrong, and tests tell.
    """
    return _extension(capabilities) if capabilities.extensions and capabilities.dry_run == NOT_THERE else ""
