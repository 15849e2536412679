"""`gman doctor`: is the operator's one-time set-up right, and what mends it. With --admin-cloud it makes a project as a
run does, and deletes it; with --outside it boots a server, which says what it sees, and deletes that."""

import argparse
import shlex
from pathlib import Path
from tempfile import TemporaryDirectory

from conformance.run import options as run_options
from conformance.settings import Settings, UsageProblem
from conformance.untrusted import show
from conformance.verdict import claims
from conformance.verdict.states import Exit

EXAMPLES = """\
gman doctor --cloud devstack
gman doctor --cloud devstack --alt-cloud devstack-alt
gman doctor --cloud devstack --outside http://203.0.113.5:8043/
"""
NAMED = ("cloud", *run_options.WITH_CLOUD)  # the options that `gman run` has, too


def add(parser: argparse.ArgumentParser) -> None:
    run_options.add_cloud(parser, "a member of any project, by its name in clouds.yaml")
    run_options.add_users(parser)
    run_options.add_guests(parser)
    run_options.add_profiles(parser)
    run_options.add_deadlines(parser)


def main(options: argparse.Namespace) -> int:
    """Print what was found; exit code 0 where `gman run` with these options would go on, 3 where it is refused.

    Raises UsageProblem where the cloud cannot be reached, or none is named.
    """
    if not options.cloud:
        raise UsageProblem("name a cloud: --cloud NAME, or OS_CLOUD")
    from conformance.run import preflight, rehearsal, session  # slow to load, so not for --help
    from conformance.run.context import RunContext

    judged = claims.judged(options.claims, embedded=False, guests=bool(options.outside))
    with TemporaryDirectory(prefix="gman-doctor-") as notes:  # in place of a report
        common = run_options.given(options)
        settings = Settings(report=Path(notes), run_id=run_options.new_run_id(), claims=judged, **common)
        context = RunContext(settings)
        try:
            target = session.target(context, settings.cloud)
            findings = preflight.examine(context)
            if options.outside and not any(finding.stops for finding in findings):
                findings += rehearsal.findings(context)
        finally:
            leaks = session.undo(context)
    show(f"Cloud: {target}")
    for finding in findings:
        show(f"{finding.grade:5}  {finding.what}")
        if finding.mend:
            show(f"       {finding.mend}")
    for line in leaks:
        show(f"left   {line}")
    refused = any(finding.stops for finding in findings)
    print(f"Next: {'mend what is wrong, then ' if refused else ''}{_command('doctor' if refused else 'run', options)}")
    return Exit.USAGE if refused else Exit.CONFORMANT


def _command(name: str, options: argparse.Namespace) -> str:
    """The command of that name with the options that were given."""
    named = [(f"--{option.replace('_', '-')}", getattr(options, option)) for option in NAMED]
    words = []
    for option, value in named:
        words += [option, ",".join(value) if isinstance(value, list) else value] if value else []
    words += ["--claim", ",".join(options.claims)] if options.claims else []
    return shlex.join(["gman", name, *words])
