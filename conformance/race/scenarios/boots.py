"""The races that users run against themselves: servers booted at once in a project without a network."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from conformance.deadlines import attempts
from conformance.race.engine.caller import Call, Caller, release_together
from conformance.race.engine.history import Record
from conformance.race.engine.observer import Observer
from conformance.race.operations import servers
from conformance.race.operations.servers import AMBIGUOUS, BATCH, Template
from conformance.race.operations.topology import DELETE_TOPOLOGY


def run(caller: Caller, template: Template) -> None:
    """Boot BATCH servers at once, look at them when their builds are over, then delete everything again.

    What the project has when the servers run is listed in the caller's race, what it has at the end in what comes
    after that.
    """
    with Observer(caller, template.seconds) as observer:
        observer.start()
        [created] = release_together([template.call(caller, count=BATCH)])
        made = servers.listed(caller) if created.ok else []
        servers.await_builds(caller, made, template.seconds)
    servers.conclude(caller, made, template.seconds)


def run_together(callers: Sequence[Caller], template: Template) -> None:
    """As `run`, for several projects: their requests are released at once, and each is followed in a thread."""
    created = release_together([template.call(caller, count=BATCH) for caller in callers])

    def follow(caller: Caller, accepted: bool) -> None:
        made = servers.listed(caller) if accepted else []
        servers.await_builds(caller, made, template.seconds)
        servers.conclude(caller, made, template.seconds)

    with ThreadPoolExecutor(len(callers)) as pool:
        for done in [pool.submit(follow, caller, one.ok) for caller, one in zip(callers, created, strict=True)]:
            done.result()


def run_apart(caller: Caller, template: Template, *, width: int) -> None:
    """`width` requests of one server each, at once; those found ambiguous are sent again until they are not."""
    _ask_again(release_together([template.call(caller)] * width), template.call(caller), template.seconds)
    made = servers.listed(caller)
    servers.await_builds(caller, made, template.seconds)
    servers.conclude(caller, made, template.seconds)


def run_against_deletes(caller: Caller, template: Template, *, width: int, rounds: Iterable[int]) -> None:
    """In each of the `rounds`, a volley of `width` calls: boots, and DELETEs of the topology that they bring about.

    More such DELETEs follow until all builds are over. The caller's race becomes the prefix of the rounds' names. Ends
    early when calls were lost, for they may be at work.
    """
    for number in rounds:
        here = caller.within(f"{caller.race}-{number}")
        delete = Call(here, DELETE_TOPOLOGY, "DELETE", here.topology_url)
        raced = release_together([template.call(here), delete] * (width // 2))
        made = servers.listed(here)
        servers.await_builds(here, made, template.seconds, partial(delete.caller.send, delete))
        servers.inspect(here, made)
        servers.clear(here.afterwards, template.seconds)
        if any(record.lost for record in raced):
            return


def _ask_again(raced: Sequence[Record], call: Call, seconds: float) -> None:
    left = sum(record.status == AMBIGUOUS for record in raced)
    for _ in attempts(seconds):
        while left and call.caller.send(call).status != AMBIGUOUS:
            left -= 1
        if not left:
            return
