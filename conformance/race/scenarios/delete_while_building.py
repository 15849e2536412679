"""The race between a server's build and its DELETE: it is deleted for good, with its ports, and the others run."""

from collections.abc import Iterable

from conformance.race.engine.caller import Call, Caller, release_together
from conformance.race.operations import servers
from conformance.race.operations.servers import BATCH, DELETE, HEADERS, Template

TWINS = 2  # DELETEs of one server at once


def run(caller: Caller, template: Template, *, rounds: Iterable[int]) -> None:
    """Boot BATCH servers in an empty project and delete the first while they are built, then delete everything.

    In every other round the topology exists before, so that builds are shorter. The caller's race becomes the prefix of
    the rounds' names. Stops where a boot fails, or after a round in which calls were lost, as they may still be
    executed, or after which servers are left.
    """
    servers.require_none(caller)
    for number in rounds:
        round_caller = caller.within(f"{caller.race}-{number}")
        if number % 2 == 0:
            round_caller.call("prepare_topology", "GET", round_caller.topology_url)
        created = round_caller.send(template.call(round_caller, count=BATCH))
        server = created.answer.get("server") if created.ok and isinstance(created.answer, dict) else None
        id_ = str(server.get("id", "")) if isinstance(server, dict) else ""  # of the first server of the request
        if not id_:
            return
        url = f"{servers.url(round_caller)}/{id_}"
        records = release_together([Call(round_caller, DELETE, "DELETE", url, headers=HEADERS, target=id_)] * TWINS)
        others = [server for server in servers.list_servers(round_caller) if server != id_]
        servers.await_gone(round_caller, [id_], template.wait)
        servers.await_builds(round_caller, others, template.wait)
        servers.show(round_caller, id_)
        servers.list_servers(round_caller)
        servers.inspect_and_clear(round_caller, others, template.wait)
        if any(record.lost for record in records) or servers.earlier_ones(caller):
            return
