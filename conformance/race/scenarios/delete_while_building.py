"""The race between a server's build and its DELETE: it goes, for good and with its ports, and the others run."""

from collections.abc import Iterable

from conformance.race.engine.caller import Call, Caller, release_together
from conformance.race.engine.history import Record
from conformance.race.operations import servers
from conformance.race.operations.servers import BATCH, DELETE, HEADERS, Template

TWINS = 2  # DELETEs of one server at once


def run(caller: Caller, template: Template, *, rounds: Iterable[int]) -> None:
    """Boot BATCH servers in an empty project and delete the first while they are built, then delete everything.

    In every other round the topology is there, which makes for shorter builds. The caller's race becomes the prefix of
    the rounds' names. Ends early when calls were lost, for they may still be at work.
    """
    for number in rounds:
        here = caller.within(f"{caller.race}-{number}")
        if number % 2 == 0:
            here.call("prepare_topology", "GET", here.topology_url)
        created = here.send(template.call(here, count=BATCH))
        gone = _described(created)
        if not gone:
            return
        raced = release_together(
            [Call(here, DELETE, "DELETE", f"{servers.url(here)}/{gone}", headers=HEADERS, target=gone)] * TWINS
        )
        others = [server for server in servers.listed(here) if server != gone]
        servers.await_gone(here, [gone], template.seconds)
        servers.await_builds(here, others, template.seconds)
        servers.show(here, gone)
        servers.listed(here)
        servers.conclude(here, others, template.seconds)
        if any(record.lost for record in raced):
            return


def _described(created: Record) -> str:
    """The server that the answer to a boot describes: the first of the request."""
    server = created.answer.get("server") if created.ok and isinstance(created.answer, dict) else None
    return str(server.get("id", "")) if isinstance(server, dict) else ""
