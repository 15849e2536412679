"""Boots one guest before a run boots many: findings for `gman doctor --outside`."""

import tempfile
from pathlib import Path

from conformance.guests import rehearsal
from conformance.guests.boots import Template
from conformance.guests.records import GuestLog
from conformance.guests.scene import Scene
from conformance.projects.inventory import KINDS
from conformance.run.context import RunContext
from conformance.run.preflight import Finding
from conformance.verdict.signals import TestEnded


def findings(context: RunContext) -> list[Finding]:
    """What a guest lacks for the connectivity tests; none stops a run. The server and its network are deleted."""
    settings = context.settings
    try:
        template = Template.of(context.capabilities, settings.outside, settings.run_id)
        with tempfile.TemporaryDirectory(prefix="gman-") as folder, context.lease(1, lambda: KINDS) as lease:
            log = GuestLog(Path(folder), "rehearsal", settings.run_id)
            scene = Scene("rehearsal", lease.projects[0].account, template, log)
            return [Finding(what, mend) for what, mend in rehearsal.rehearse(scene)]
    except TestEnded as error:
        return [Finding(str(error), "mend that first, to have a server tell what it sees")]
