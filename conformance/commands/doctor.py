"""`gman doctor`: is the operator's one-time set-up right, and what mends it."""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

from conformance.deadlines import Deadlines
from conformance.settings import UsageProblem, named_cloud
from conformance.target.capabilities import Capabilities, observe
from conformance.target.cloud import Cloud
from conformance.verdict.claims import EXTENSION, FIRST, older
from conformance.verdict.states import Exit

EXAMPLES = """\
gman doctor --cloud devstack
"""


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `mend` says what to do where it is not right, and is empty where it is."""

    what: str
    mend: str = ""


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--cloud",
        metavar="NAME",
        default=named_cloud(),
        help="a member of any project, by its name in clouds.yaml ($OS_CLOUD, or a sourced openrc)",
    )


def main(options: argparse.Namespace) -> int:
    """Print what was found; exit code 0 where nothing has to be mended, 3 where something has.

    Raises UsageProblem where the cloud cannot be reached or names none.
    """
    if not options.cloud:
        raise UsageProblem("name a cloud: --cloud NAME, or OS_CLOUD")
    cloud = Cloud(options.cloud, "", Deadlines())
    try:
        findings = list(examine(observe(cloud.account)))
    finally:
        cloud.close()
    for finding in findings:
        print(f"{'wrong' if finding.mend else 'right'}  {finding.what}")
        if finding.mend:
            print(f"       {finding.mend}")
    return Exit.USAGE if any(finding.mend for finding in findings) else Exit.CONFORMANT


def examine(capabilities: Capabilities) -> Iterator[Finding]:
    """What the operator has to have set up, in the order in which a first boot needs it."""
    offered = EXTENSION in capabilities.extensions
    yield Finding(
        f"extension {EXTENSION} is {'offered' if offered else 'not offered'}",
        ""
        if offered
        else "in neutron.conf add auto_allocate and router to service_plugins, and restart neutron-server",
    )
    yield Finding(
        f"default external network: {capabilities.external_network_id or 'none'}",
        "" if capabilities.external_network_id else "openstack network set --external --default NETWORK",
    )
    versions = ", ".join(f"IPv{version}" for version in capabilities.default_pools)
    yield Finding(
        f"default subnet pools a member sees: {versions or 'none'}",
        ""
        if capabilities.default_pools
        else "openstack subnet pool create --share --default --default-prefix-length 26 --pool-prefix PREFIX NAME",
    )
    is_dry_run_right = capabilities.dry_run == 200
    yield Finding(
        f"a member's dry run answers {capabilities.dry_run}",
        ""
        if is_dry_run_right
        else "mend what is wrong above, then run gman doctor again (openstackclient 10 shows a dry run as None)",
    )
    shared = ", ".join(capabilities.shared_networks)
    yield Finding(
        f"networks shared with every project, which keep auto from building one: {shared or 'none'}",
        f"openstack network set --no-share {capabilities.shared_networks[0]}, unless that is what is wanted"
        if shared
        else "",
    )
    capable = bool(capabilities.max_microversion) and not older(capabilities.max_microversion, FIRST)
    yield Finding(
        f"newest microversion of Compute: {capabilities.max_microversion or 'none'}",
        "" if capable else "upgrade Nova to Newton or later: 2.37 is what brought networks: auto",
    )
