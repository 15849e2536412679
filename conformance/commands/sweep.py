"""`gman sweep`: finish what runs that were killed could not: projects they made, and all that is in them."""

import argparse

from conformance.deadlines import Deadlines
from conformance.projects.journal import Journal
from conformance.projects.scratch import ScratchProjects
from conformance.settings import UsageProblem, named_cloud, state_folder
from conformance.target.cloud import Cloud
from conformance.verdict.states import Exit

EXAMPLES = """\
gman sweep --cloud devstack --admin-cloud devstack-admin
"""


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--cloud", metavar="NAME", default=named_cloud(), help="the cloud ($OS_CLOUD, or a sourced openrc)"
    )
    parser.add_argument("--admin-cloud", metavar="NAME", required=True, help="the administrator those runs were given")


def main(options: argparse.Namespace) -> int:
    """Delete what the journals on this machine name; exit code 0 where nothing is left, 1 where something is.

    Raises UsageProblem where the cloud cannot be reached.
    """
    if not options.cloud:
        raise UsageProblem("name the cloud: --cloud NAME, or OS_CLOUD")
    journals = sorted((state_folder() / "runs").glob("*.ndjson"))
    if not journals:
        print("nothing to sweep: no run has left a journal here")
        return Exit.CONFORMANT
    cloud, admin = (Cloud(name, "", Deadlines()) for name in (options.cloud, options.admin_cloud))
    remaining: list[str] = []
    try:
        for path in journals:
            journal = Journal(path, cloud.auth_url)
            if journal.in_use or journal.clouds != {cloud.auth_url}:
                reason = "is still going on" if journal.in_use else f"was against {', '.join(journal.clouds)}"
                print(f"run {path.stem} {reason}: left alone")
                continue
            names, defaults = journal.names(), journal.defaults
            leftovers = ScratchProjects(cloud, admin.account, path.stem, journal).sweep()
            if defaults is not None:
                print(f"run {path.stem}: the cloud's defaults to set again: {defaults}")
            print(f"run {path.stem}: {len(names)} projects to delete, {len(leftovers)} things would not go")
            remaining += leftovers
    finally:
        for account_cloud in (cloud, admin):
            account_cloud.close()
    for line in remaining:
        print(f"left: {line}")
    return Exit.FAILED if remaining else Exit.CONFORMANT
