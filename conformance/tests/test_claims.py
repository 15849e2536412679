"""Claims, compared with what a cloud shows: every difference has a line, and is no failure of a test."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.requirements.registry import DEFAULT_CLAIMS, Profile
from conformance.run.context import RunContext
from conformance.settings import Settings
from conformance.target.capabilities import Capabilities
from conformance.tests.conftest import Gman
from conformance.tests.tiny_cloud import running
from conformance.verdict.claims import EXTENSION, Kind, compare, judged, older
from conformance.verdict.signals import NotClaimed, Unsupported

ALL = tuple(map(str, Profile))
READY = Capabilities(
    external_network_id="e",
    default_pools=(4, 6),
    max_microversion="2.96",
    extensions=(EXTENSION,),
    dry_run=200,
)
FULL = Settings(
    "tiny", Path(), "r", admin_cloud="admin", claims=ALL, disruptive=True, outside=("http://198.51.100.9/",)
)


def test_all_that_is_claimed_and_shown_leaves_nothing_to_say() -> None:
    claims = compare(READY, FULL, 4)
    assert (claims.claimed, claims.observed, claims.findings) == (ALL, ALL, ())


@pytest.mark.parametrize(
    ("lack", "profiles", "says"),
    [
        ({"default_pools": (4,)}, {"ipv6"}, "no default IPv6 subnet pool"),
        ({"max_microversion": "2.36"}, {"compute", "race", "connectivity"}, "is 2.36; networks: auto takes 2.37"),
        ({"max_microversion": ""}, {"compute", "race", "connectivity"}, "is not told"),
        (
            {"extensions": ("router",)},
            {"core", "compute", "race", "connectivity"},
            f"does not list the extension {EXTENSION}",
        ),
        (
            {"shared_networks": ("lan",)},
            {"compute", "race", "connectivity"},
            "network lan is shared with every project",
        ),
        ({"external_network_id": ""}, {"core", "race", "connectivity"}, "no default external network"),
        ({"default_pools": ()}, {"core", "race", "ipv6", "connectivity"}, "subnet pool"),
    ],
)
def test_a_claim_that_the_cloud_does_not_show_is_a_finding(
    lack: dict[str, object], profiles: set[str], says: str
) -> None:
    claims = compare(Capabilities(**{**vars(READY), **lack}), FULL, 4)
    assert {item.profile for item in claims.findings} == profiles
    assert all(says in item.text and item.kind is Kind.MISSING for item in claims.findings)
    assert set(claims.observed) == set(ALL) - profiles


@pytest.mark.parametrize(
    ("settings", "room", "profiles", "says"),
    [
        (replace(FULL, admin_cloud=""), 2, {"policy", "operator"}, "--admin-cloud"),
        (replace(FULL, disruptive=False), 2, {"operator"}, "--disruptive"),
        (FULL, 1, {"race"}, "--alt-cloud"),
        (replace(FULL, outside=()), 4, {"connectivity"}, "--outside"),
    ],
)
def test_a_missing_option_is_a_finding(settings: Settings, room: float, profiles: set[str], says: str) -> None:
    claims = compare(READY, settings, room)
    assert {item.profile for item in claims.findings} == profiles
    assert all(says in item.text and item.kind is Kind.NOT_GIVEN for item in claims.findings)


def test_an_unclaimed_profile_that_the_cloud_shows_is_a_finding() -> None:
    claims = compare(READY, replace(FULL, claims=("core",)), 4)
    assert [(item.profile, item.kind) for item in claims.findings] == [
        ("compute", Kind.OFFERED),
        ("ipv6", Kind.OFFERED),
    ]


def test_without_a_claim_the_reference_is_judged_by_all_and_a_cloud_by_the_usual() -> None:
    assert judged((), embedded=True, guests=True) == ALL
    assert judged((), embedded=True) == tuple(name for name in ALL if name != "connectivity")
    assert judged((), embedded=False) == tuple(map(str, DEFAULT_CLAIMS))
    assert judged((), embedded=False, guests=True) == (*map(str, DEFAULT_CLAIMS), "connectivity")
    assert judged(("ipv6",), embedded=True, guests=True) == ("ipv6",)


@pytest.mark.parametrize(
    ("shown", "expected", "so"),
    [
        ("2.36", "2.37", True),
        ("2.37", "2.37", False),
        ("2.100", "2.37", False),
        ("", "2.37", False),
        ("x", "2.1", False),
        ("2.9", "16.0.0", False),
    ],
)
def test_microversions_are_compared_by_their_numbers(shown: str, expected: str, *, so: bool) -> None:
    assert older(shown, expected) is so


def context(claims: tuple[str, ...] = ALL, **capabilities: object) -> RunContext:
    return RunContext(replace(FULL, claims=claims), Capabilities(**{**vars(READY), **capabilities}))


@pytest.mark.parametrize(
    ("one", "covered", "microversion", "says"),
    [
        (context(max_microversion="2.36"), ["C-NET-022"], "", "microversion of Compute is 2.36; this needs 2.37"),
        (context(max_microversion="2.36"), ["C-SRV-001"], "2.37", "microversion of Compute is 2.36; this needs 2.37"),
        (context(extensions=("router",), dry_run=404), ["N-AAT-001"], "", f"does not list the extension {EXTENSION}"),
    ],
)
def test_a_feature_that_the_cloud_denies_is_unsupported(
    one: RunContext, covered: list[str], microversion: str, says: str
) -> None:
    with pytest.raises(Unsupported, match=says):
        one.applicability.require_test(covered, microversion)


@pytest.mark.parametrize(
    "capabilities",
    [{"max_microversion": ""}, {"extensions": ("router",)}, {"dry_run": 404}, {"extensions": (), "dry_run": 404}],
)
def test_a_cloud_that_does_not_show_its_features_is_tested(capabilities: dict[str, object]) -> None:
    context(ALL, **capabilities).applicability.require_test(["N-AAT-001", "C-NET-022"], "2.37")


def test_unclaimed_profiles_are_not_tested() -> None:
    with pytest.raises(NotClaimed, match="profile compute is not claimed"):
        context(claims=("core",)).applicability.require_test(["C-NET-022"])


def test_a_member_alone_learns_why_lines_are_open(gman: Gman, tmp_path: Path) -> None:
    """One project, no administrator, no IPv6, an old Compute: the report says so line by line, and nothing is green."""
    with running("old-compute") as tiny:
        code, printed = gman(
            "run", "--cloud", "tiny", "--claim", "core,compute,race,ipv6,policy,operator",
            "-k", "topology-get.yaml or topology-two or first-boot or operator", url=tiny.url,
        )  # fmt: skip
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    assert report["claims"]["observed"] == ["core"]
    output = {(item["profile"], item["kind"]) for item in report["claims"]["findings"]}
    assert {("ipv6", "claimed, not shown"), ("compute", "claimed, not shown")} <= output
    assert {("operator", "claimed, not looked at"), ("race", "claimed, not looked at")} <= output
    lines = {line["id"]: (line["state"], line["reason"]) for line in report["requirements"]}
    assert lines["C-NET-022"] == ("unsupported", "the newest microversion of Compute is 2.36; this needs 2.37")
    assert lines["N-AAT-030"] == ("not-claimed", "needs a second project: --alt-cloud, --accounts or --admin-cloud")
    assert lines["N-NET-005"] == ("not-claimed", "needs an administrator: --admin-cloud")
    assert "claimed, not shown ipv6: there is no default IPv6 subnet pool" in printed
    assert (code, report["verdict"]) == (1, "partial")
