"""`gman run`: from the command line's options to a report and an exit code."""

import argparse
import datetime
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

from conformance import USER_AGENT
from conformance.coverage import exclusion
from conformance.race.engine.options import repeated
from conformance.report import bundle, folder
from conformance.report.again import Earlier
from conformance.report.events import Event, Events, Log, Subunit
from conformance.report.model import EMBEDDED
from conformance.report.progress import Progress, console
from conformance.report.terminal import summary
from conformance.requirements.registry import Profile
from conformance.run import command_line
from conformance.run import options as run_options
from conformance.run.embedded import OUTSIDE, Embedded, against
from conformance.run.interrupts import sigterm_as_interrupt
from conformance.settings import Settings, UsageProblem
from conformance.verdict import claims
from conformance.verdict.states import Exit

# printed at an interruption: with the embedded reference, with projects that the run has made, with others
CLEANS_REFERENCE = "gman: interrupted; ending the embedded reference, and all that tests have made in it"
CLEANS_PROJECTS = "gman: interrupted; deleting what tests have made, and the projects of this run (Ctrl-C again: skip)"
CLEANS_TESTS = "gman: interrupted; deleting what tests have made (Ctrl-C again: skip)"
EMBEDDED_GONE = "the embedded reference ends anyway, with everything that tests have made in it"
MAY_BE_LEFT = "what was made may be left: see gman sweep --help"


def run(options: argparse.Namespace, words: Sequence[str], before: Earlier | None = None) -> int:
    """Run the suite and report; gives the exit code. `words` are those of the command line that a report names,
    `before` is the report to run again. Raises UsageProblem and RegistryError.
    """
    began, started = monotonic(), datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    terminal = console(options.color)
    settings = _settings(options, before.settled if before else frozenset())
    if options.list:
        return _list(settings, options)
    with ExitStack() as stack:
        stack.enter_context(folder.replacing(settings.report))
        stack.enter_context(sigterm_as_interrupt())
        progress = stack.enter_context(Progress(terminal, quiet=options.quiet, verbose=options.verbose))
        subunit = [Subunit(options.subunit)] if options.subunit else []
        events = stack.enter_context(Events(progress, Log(settings.report / folder.EVENTS), *subunit))
        reference = _embed(settings, stack, guests=options.guests) if not settings.cloud else None
        from conformance.run import (
            selection,
            session,  # importing these takes about a second: do it while the reference starts
        )

        session.check_tests()
        ids = selection.requested_ids(options.requirement)
        if reference:
            settings = against(settings, reference.clouds_file)
            reference.wait()
        label = EMBEDDED if reference else settings.cloud
        context = session.prepared(settings)
        if before:
            before.require_same(session.described(context, label), context.claims.claimed)
            before.copy_histories(settings.report)
        whole = not (options.keyword or options.requirement or settings.settled)
        processes = session.processes_to_start(
            context,
            options.processes,
            embedded=bool(reference),
            whole=whole,
            files=session.number_of_files(ids, settings.settled),
        )
        target = session.target(context, label)
        with _warning_if_not_cleaned_up(EMBEDDED_GONE if reference else MAY_BE_LEFT):
            events.tell(
                Event.RUN_STARTED,
                suite=USER_AGENT,
                run_id=settings.run_id,
                cloud=label,
                target=target,
                claimed=list(settings.claims),
            )
            cleans = CLEANS_REFERENCE if reference else CLEANS_PROJECTS if settings.admin_cloud else CLEANS_TESTS
            run = session.execute(context, processes, _selection(options), events, cleans, stops=options.first_failure)
        if reference:
            reference.dismiss()  # the reference ends while the report is written
        about: dict[str, Any] = {
            "options": list(words),
            "published": {name: text for name in command_line.PUBLISHED if (text := getattr(options, name))},
        }
        if before:
            before.merge(run)
            about["earlier"] = before.to_plain(run.tests)
        report = session.write_report(context, run, label, started, monotonic() - began, **about)
        events.concluded(report)
    bundle.seal(settings.report)
    if options.sign:
        bundle.sign(settings.report, options.sign)
    summary(terminal, report, settings.report, target, ids)
    if run.interrupted:
        result = "some of what was made is left, see above" if report.leaks else "what was made has been cleaned up"
        print(f"gman: interrupted; {result}", file=sys.stderr)
        return Exit.INTERRUPTED
    return report.exit_code


def _list(settings: Settings, options: argparse.Namespace) -> int:
    """Print what would be run."""
    from conformance.run import listing, selection, session

    session.check_tests()
    selection.requested_ids(options.requirement)
    print("\n".join(listing.lines(settings, _selection(options))))
    return Exit.CONFORMANT


def _settings(options: argparse.Namespace, settled: frozenset[str]) -> Settings:
    common = run_options.given(options)
    if options.guests and options.cloud:
        raise UsageProblem("--guests is for the reference: leave it out, or --cloud (and OS_CLOUD)")
    common |= {"outside": OUTSIDE} if options.guests else {}
    if options.disruptive and options.cloud and not (options.admin_cloud and Profile.OPERATOR in options.claims):
        raise UsageProblem("--disruptive goes with --admin-cloud and --claim ...,operator: give both")
    if options.sign and not options.sign.is_file():
        raise UsageProblem(f"--sign {options.sign}: no such file: name a private SSH key")
    return Settings(
        **common,
        waivers=options.waivers,
        networking_release=options.networking_release,
        claims=claims.judged(options.claims, embedded=not options.cloud, guests=bool(common["outside"])),
        disruptive=options.disruptive or not options.cloud,
        settled=settled,
        excluded=exclusion.read(options.exclude),
        report=options.report.absolute(),
        run_id=run_options.new_run_id(),
    )


def _selection(options: argparse.Namespace) -> list[str]:
    """The options that are handed on to pytest."""
    keyword = [f"-k{options.keyword}"] if options.keyword else []
    return [*keyword, *(f"--requirement={ids}" for ids in options.requirement), *repeated(options)]


def _embed(settings: Settings, stack: ExitStack, *, guests: bool) -> Embedded:
    """Start the reference, with its data in a temporary directory that is deleted when the run ends."""
    data = Path(tempfile.mkdtemp(prefix="gman-"))
    stack.callback(shutil.rmtree, data, ignore_errors=True)
    log = settings.report / folder.LOG
    return stack.enter_context(Embedded(data, log, settings.deadlines, discard=True, guests=guests))


@contextmanager
def _warning_if_not_cleaned_up(consequence: str) -> Iterator[None]:
    """Print a warning for a Ctrl-C during the clean-up: pytest itself handles the first one, and then cleans up."""
    try:
        yield
    except KeyboardInterrupt:
        print(f"gman: not cleaned up; {consequence}", file=sys.stderr)
        raise
