"""`gman sweep`: delete what killed runs have left: the projects that they made, with everything in them."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from conformance.projects.journal import Journal
from conformance.projects.scratch import ScratchProjects
from conformance.run import options as run_options
from conformance.settings import UsageProblem, state_folder
from conformance.target.cloud import Cloud
from conformance.untrusted import show
from conformance.verdict.states import Exit

EXAMPLES = """\
gman sweep --cloud devstack --admin-cloud devstack-admin
"""


def add(parser: argparse.ArgumentParser) -> None:
    run_options.add_cloud(parser, "the cloud")
    parser.add_argument("--admin-cloud", metavar="NAME", required=True, help="the administrator those runs were given")
    run_options.add_deadlines(parser)


def main(options: argparse.Namespace) -> int:
    """Delete what the journals on this machine name; exit code 0 where nothing is left, 1 where something is.

    Raises UsageProblem where the cloud cannot be reached.
    """
    if not options.cloud:
        raise UsageProblem("name the cloud: --cloud NAME, or OS_CLOUD")
    deadlines = run_options.deadlines(options)
    journals = sorted((state_folder() / "runs").glob("*.ndjson"))
    if not journals:
        show("nothing to sweep: no run has left a journal here")
        return Exit.CONFORMANT
    clouds = [Cloud(name, "", deadlines, None, options.region) for name in (options.cloud, options.admin_cloud)]
    remaining: list[str] = []
    try:
        for path in journals:
            remaining += _sweep(path, *clouds)
    finally:
        for cloud in clouds:
            cloud.close()
    for line in remaining:
        show(f"left: {line}")
    return Exit.FAILED if remaining else Exit.CONFORMANT


def _sweep(path: Path, cloud: Cloud, admin_cloud: Cloud) -> list[str]:
    """Undo what the journal at that path names; a line for each thing that is left, or may be left."""
    journal = Journal(path, cloud.auth_url)
    try:
        if journal.in_use:
            show(f"run {path.stem} is still going on: left alone")
            return []
        if elsewhere := journal.clouds - {cloud.auth_url}:
            show(f"run {path.stem} was against {', '.join(sorted(elsewhere))}: left alone")
            return []
        names, defaults = journal.names(), journal.defaults
        leaks = ScratchProjects(cloud, admin_cloud.account, path.stem, journal).sweep()
    except UsageProblem as problem:
        return [str(problem)]
    if defaults is not None:
        show(f"run {path.stem}: the cloud's defaults to set again: {defaults}")
    show(f"run {path.stem}: {len(names)} projects to delete, {len(leaks)} things would not go")
    return [*leaks, *_damages(path, journal)]


def _damages(path: Path, journal: Journal) -> Iterator[str]:
    lines = journal.damaged
    if lines:
        numbers = ", ".join(map(str, lines[:5]))
        yield f"journal {path}: {len(lines)} lines do not belong to a journal ({numbers}): look at them, then delete it"
