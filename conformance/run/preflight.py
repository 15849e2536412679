"""Checks of the cloud's set-up before a run, each with its remedy, for `gman doctor` and `gman run` alike."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from conformance.projects.leases import Projects
from conformance.settings import Settings, UsageProblem
from conformance.target.capabilities import Capabilities
from conformance.target.cloud import ApiError
from conformance.verdict.claims import AUTO_MICROVERSION, EXTENSION, older

BOOTING = {"compute", "race", "operator", "connectivity"}  # profiles that boot servers
CANNOT = 409  # how a dry run says that a topology cannot be built
RIGHT = 200


@dataclass(frozen=True)
class Finding:
    """The result of one check. `mend` says how to repair what is not right; it is empty where all is right.

    `stops` is whether a run is refused until that is repaired; else the run goes on, and its tests report it.
    """

    what: str
    mend: str = ""
    stops: bool = False

    @property
    def grade(self) -> str:
        return "wrong" if self.stops else "open" if self.mend else "right"


class Run(Protocol):
    """The part of RunContext that the checks need."""

    @property
    def settings(self) -> Settings: ...
    @property
    def capabilities(self) -> Capabilities: ...
    @property
    def projects(self) -> Projects: ...


def examine(run: Run) -> list[Finding]:
    """The results of all checks, in the order in which a first boot would run into them.

    Raises UsageProblem where a service cannot be reached at all.
    """
    capabilities = run.capabilities
    try:  # where a service fails altogether, the other checks would only repeat that
        run.projects.check()
    except ApiError as error:
        return [Finding(str(error), "mend the service, or its endpoint in the catalog", stops=True)]
    except UsageProblem as problem:
        return [Finding(*_split(str(problem)), stops=True), *set_up(capabilities, run.settings)]
    room = "as many as needed" if run.projects.room == float("inf") else f"{run.projects.room:g}"
    return [Finding(f"empty projects for the tests: {room}"), *set_up(capabilities, run.settings)]


def refusal(finding: Finding, cloud: str) -> str:
    """The line with which a run refuses to start for this finding; it names the cloud once."""
    named = f"cloud {cloud!r}"
    whose = "" if finding.what.startswith(named) else f"{named}: "
    return f"{whose}{finding.what}: {finding.mend}"


def set_up(capabilities: Capabilities, settings: Settings) -> Iterator[Finding]:
    """Checks of what the operator has to set up: extension, default network and pools, image and flavor to boot.

    A missing default network or pool stops a run only if the dry run says so, too. Where the two contradict each other,
    the cloud is not unprepared but at fault, and the run goes on.
    """
    for answer in capabilities.refusals:
        yield Finding(answer, "mend the service, or the policy by which it refuses a member", stops=True)
    if not capabilities.refusals:  # a thing that a service refused to show may exist
        yield from _networking(capabilities)
        yield from _compute(capabilities, settings)


def _networking(capabilities: Capabilities) -> Iterator[Finding]:
    yield _look(
        EXTENSION in capabilities.extensions,
        f"extension {EXTENSION} is offered",
        f"extension {EXTENSION} is not offered",
        "in neutron.conf add auto_allocate and router to service_plugins, and restart neutron-server",
    )
    cannot = capabilities.dry_run == CANNOT
    yield _look(
        capabilities.external_network_id,
        f"default external network: {capabilities.external_network_id}",
        "no default external network",
        "openstack network set --external --default NETWORK",
        stops=cannot,
    )
    versions = ", ".join(f"IPv{version}" for version in capabilities.default_pools)
    yield _look(
        versions,
        f"default subnet pools a member sees: {versions}",
        "no default subnet pool",
        "openstack subnet pool create --share --default --default-prefix-length 26 --pool-prefix PREFIX NAME",
        stops=cannot,
    )
    dry_run = f"a member's dry run answers {capabilities.dry_run}"
    advice = "mend what is open or wrong here, then run gman doctor again (openstackclient 10 shows a dry run as None)"
    yield _look(capabilities.dry_run == RIGHT, dry_run, dry_run, advice)
    shared = ", ".join(capabilities.shared_networks)
    yield _look(
        not shared,
        "no network is shared with every project, which would keep auto from building one",
        f"networks shared with every project, which keep auto from building one: {shared}",
        f"openstack network set --no-share {shared.partition(',')[0]}, unless that is what is wanted",
    )


def _compute(capabilities: Capabilities, settings: Settings) -> Iterator[Finding]:
    newest = capabilities.max_microversion
    yield _look(
        newest and not older(newest, AUTO_MICROVERSION),
        f"newest microversion of Compute: {newest}",
        f"newest microversion of Compute: {newest or 'none'}",
        f"upgrade Nova to Newton or later: {AUTO_MICROVERSION} is what brought networks: auto",
    )
    if not BOOTING & set(settings.claims):
        return
    image, flavor = settings.image, settings.flavor
    yield _look(
        capabilities.image_id,
        f"image to boot: {capabilities.image_id}",
        f"no active image is called {image}" if image else "no active image",
        "--image" if image else "openstack image create --public --disk-format qcow2 --file FILE NAME",
        stops=True,
    )
    yield _look(
        capabilities.flavor_id,
        f"flavor to boot: {capabilities.flavor_id}",
        f"no flavor is called {flavor}" if flavor else "no flavor that the image fits in",
        "--flavor" if flavor else "openstack flavor create --ram 512 --disk 1 NAME",
        stops=True,
    )
    if settings.guest_image:
        yield _look(
            capabilities.guest_image_id,
            f"image of servers that report what they see: {capabilities.guest_image_id}",
            f"no active image is called {settings.guest_image}",
            "--guest-image",
            stops=True,
        )


def _look(is_right: object, right: str, lack: str, mend: str, *, stops: bool = False) -> Finding:
    return Finding(right) if is_right else Finding(lack, mend, stops)


def _split(problem: str) -> tuple[str, str]:
    """The two halves of a UsageProblem's line: what is wrong, and how to repair it."""
    what, separator, mend = problem.rpartition(": ")
    return (what, mend) if separator else (problem, "change that first")
