"""The race for a project's topology: its first requests, all at once, again and again."""

from collections.abc import Iterable

from conformance.race.engine.caller import Caller
from conformance.race.engine.observer import Observer
from conformance.race.operations.project_state import last_state, list_project
from conformance.race.operations.topology import DELETE_TOPOLOGY, GET_TOPOLOGY
from conformance.verdict.signals import Inconclusive


def run(caller: Caller, *, width: int, rounds: Iterable[int]) -> None:
    """In each of the `rounds`, a race of `width` first GETs, the topology deleted in between.

    The caller's race becomes the prefix of their names. Ends early when the project is not empty after a DELETE, for
    its next GETs would not be its first.
    """
    for number in rounds:
        here = caller.within(f"{caller.race}-{number}")
        if not _race(here, width):
            return
        here.call(DELETE_TOPOLOGY, "DELETE", here.topology_url)
        after = here.afterwards
        list_project(after)
        if not _empty(after):
            return


def _race(caller: Caller, width: int) -> bool:
    """One volley, a call after it, and what is left; False when calls were lost, for they may still be at work."""
    with Observer(caller, caller.seconds) as observer:
        raced = caller.volley(GET_TOPOLOGY, "GET", caller.topology_url, width, on_release=observer.start)
    caller.call(GET_TOPOLOGY, "GET", caller.topology_url)
    if any(record.lost for record in raced):
        return False
    list_project(caller)
    return True


def _empty(caller: Caller) -> bool:
    try:
        return last_state([record for record in caller.history.records if record.race == caller.race]).empty
    except Inconclusive:
        return False
