"""The profiles that an operator claims, compared with what the cloud shows and what the run's options allow."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from conformance.requirements import registry
from conformance.requirements.registry import DEFAULT_CLAIMS, Profile
from conformance.settings import Settings

if TYPE_CHECKING:  # slow to import; the embedded reference is started before that
    from conformance.target.capabilities import Capabilities

EXTENSION = "auto-allocated-topology"
AUTO_MICROVERSION = "2.37"  # the first one with `networks: auto`
VERSION = re.compile(r"(\d+)\.(\d+)")
NOT_THERE = 404


class Kind(StrEnum):
    """How the claims can differ from what was observed; the values stand in report.json."""

    MISSING = "claimed, not shown"
    NOT_GIVEN = "claimed, not looked at"
    OFFERED = "shown, not claimed"
    UNLISTED = "shown, not advertised"


@dataclass(frozen=True)
class Finding:
    """One difference. It does not change the verdict, which depends on requirements alone."""

    profile: str
    kind: Kind
    text: str


@dataclass(frozen=True)
class Claims:
    """`claimed` are the profiles that are judged; `observed` those for which cloud and options have all they need."""

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
    """The profiles that a run judges: `profiles` if any are named, else all on the reference, else DEFAULT_CLAIMS.

    By default connectivity is among them only with `guests`: servers run, and have a URL to call (--outside).
    """
    of_any = [profile for profile in Profile if profile is not Profile.CONNECTIVITY]
    usual = [*(of_any if embedded else DEFAULT_CLAIMS), *([Profile.CONNECTIVITY] if guests else [])]
    return tuple(map(str, profiles or usual))


def compare(capabilities: "Capabilities", settings: Settings, room: float) -> Claims:
    """The claims of a run, and how they differ from what was observed; `room` is how many projects it can lease."""
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
    """A finding for each extension that works and is not listed: clients that read the list do not use it."""
    requirements = registry.load().values()
    for alias in capabilities.unlisted:
        profiles = [entry.profile for entry in requirements if entry.extension == alias]
        ids = [entry.id for entry in requirements if entry.extension == alias]
        judged = f", so that {', '.join(ids)} cannot be judged" if ids else ""
        text = f"Networking does what the extension {alias} adds, and does not list it{judged}"
        yield Finding(str(next(iter(profiles), Profile.CORE)), Kind.UNLISTED, text)


def lacking(profile: Profile, capabilities: "Capabilities") -> Iterator[str]:
    """One line for each thing that the profile needs and the cloud does not show."""
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
    if not older(capabilities.max_microversion, AUTO_MICROVERSION) and capabilities.max_microversion:
        return ""
    newest = capabilities.max_microversion or "not told"
    return f"the newest microversion of Compute is {newest}; networks: auto takes {AUTO_MICROVERSION}"


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
SHOWN = {  # no line for the other profiles: that a run can test them depends on its options, not on the cloud
    Profile.CORE: f"Networking lists {EXTENSION}, and its defaults are set",
    Profile.COMPUTE: f"Compute knows microversion {AUTO_MICROVERSION}",
    Profile.IPV6: "there is a default IPv6 subnet pool",
}


def _not_given(profile: Profile, settings: Settings, room: float) -> Iterator[str]:
    """One line for each option that the profile needs and that the run was not given."""
    if profile in (Profile.POLICY, Profile.OPERATOR) and not settings.admin_cloud:
        yield "what needs an administrator was not looked at: --admin-cloud"
    elif profile is Profile.OPERATOR and not settings.disruptive:
        yield "what changes the cloud's defaults for a while was not looked at: --disruptive"
    if profile is Profile.CONNECTIVITY and not settings.outside:
        yield "what needs a place beyond the external network was not looked at: --outside"
    if profile is Profile.RACE and room < 2:
        yield "what needs a second project was not looked at: --alt-cloud, --accounts or --admin-cloud"


def older(newest: str, needed: str) -> bool:
    """Whether a cloud's newest microversion is below the one needed; False where either is invalid."""
    matches = [VERSION.fullmatch(text) for text in (newest, needed)]
    numbers = [tuple(map(int, match.groups())) for match in matches if match]
    return len(numbers) == 2 and numbers[0] < numbers[1]


def no_topology(capabilities: "Capabilities") -> str:
    """The reason if the cloud has no API for topologies: its list of extensions lacks this one, and a GET answers 404.

    Empty otherwise: with only one of the two the cloud contradicts itself, and tests fail.
    """
    return _extension(capabilities) if capabilities.extensions and capabilities.dry_run == NOT_THERE else ""
