"""Races of boots: servers booted at once in a project without a network."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from conformance.race.engine.caller import Call, Caller, release_together
from conformance.race.engine.observer import Observer
from conformance.race.operations import servers
from conformance.race.operations.servers import AMBIGUOUS, BATCH, Template
from conformance.race.operations.topology import DELETE_TOPOLOGY


def run(caller: Caller, template: Template) -> None:
    """Boot BATCH servers by one request, list what there is when their builds have ended, then delete everything.

    All but the cleanup is recorded under the caller's race; the cleanup under the name of what comes after it.
    """
    servers.require_none(caller)
    with Observer(caller, template.wait.seconds) as observer:
        observer.start()
        [created] = release_together([template.call(caller, count=BATCH)])
        ids = servers.list_servers(caller) if created.ok else []
        servers.await_builds(caller, ids, template.wait)
    servers.inspect_and_clear(caller, ids, template.wait)


def run_together(callers: Sequence[Caller], template: Template) -> None:
    """As `run`, for several projects: their requests are released at once, and a thread follows each."""
    for caller in callers:
        servers.require_none(caller)
    boots = release_together([template.call(caller, count=BATCH) for caller in callers])

    def follow(caller: Caller, accepted: bool) -> None:
        ids = servers.list_servers(caller) if accepted else []
        servers.await_builds(caller, ids, template.wait)
        servers.inspect_and_clear(caller, ids, template.wait)

    with ThreadPoolExecutor(len(callers)) as pool:
        for future in [pool.submit(follow, caller, boot.ok) for caller, boot in zip(callers, boots, strict=True)]:
            future.result()


def run_apart(caller: Caller, template: Template, *, width: int) -> None:
    """`width` requests for one server each, at once; those refused as ambiguous are retried until they are accepted."""
    servers.require_none(caller)
    call = template.call(caller)
    ambiguous = sum(record.status == AMBIGUOUS for record in release_together([call] * width))
    for _ in template.wait.attempts():
        while ambiguous and caller.send(call).status != AMBIGUOUS:
            ambiguous -= 1
        if not ambiguous:
            break
    ids = servers.list_servers(caller)
    servers.await_builds(caller, ids, template.wait)
    servers.inspect_and_clear(caller, ids, template.wait)


def run_against_deletes(caller: Caller, template: Template, *, width: int, rounds: Iterable[int]) -> None:
    """In each of the `rounds`, a volley of `width` calls: boots, and DELETEs of the topology that they create.

    More such DELETEs follow until all builds have ended. The caller's race becomes the prefix of the rounds' names.
    Stops after a round in which calls were lost, as they may still be executed, or after which servers are left.
    """
    servers.require_none(caller)
    for number in rounds:
        round_caller = caller.within(f"{caller.race}-{number}")
        delete = Call(round_caller, DELETE_TOPOLOGY, "DELETE", round_caller.topology_url)
        records = release_together([template.call(round_caller), delete] * (width // 2))
        ids = servers.list_servers(round_caller)
        servers.await_builds(round_caller, ids, template.wait, partial(round_caller.send, delete))
        servers.inspect(round_caller, ids)
        servers.clear(round_caller.afterwards, template.wait)
        if any(record.lost for record in records) or servers.earlier_ones(caller):
            return
