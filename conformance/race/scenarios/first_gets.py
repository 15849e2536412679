"""The race for a project's topology: its first GETs, all at once, in several rounds."""

from collections.abc import Iterable

from conformance.race.engine.caller import Caller
from conformance.race.engine.observer import Observer
from conformance.race.operations.project_state import last_state, list_project
from conformance.race.operations.topology import DELETE_TOPOLOGY, GET_TOPOLOGY
from conformance.verdict.signals import Inconclusive


def run(caller: Caller, *, width: int, rounds: Iterable[int]) -> None:
    """In each of the `rounds`, a race of `width` first GETs, then one more, and what is left; then a DELETE.

    The caller's race becomes the prefix of the rounds' names. Stops where the project is not empty after the DELETE, as
    its next GETs would not be the first, or after a round in which calls were lost, as they may still be executed.
    """
    for number in rounds:
        round_caller = caller.within(f"{caller.race}-{number}")
        url = round_caller.topology_url
        with Observer(round_caller, caller.seconds) as observer:
            records = round_caller.volley(GET_TOPOLOGY, "GET", url, width, on_release=observer.start)
        round_caller.call(GET_TOPOLOGY, "GET", url)
        if any(record.lost for record in records):
            return
        list_project(round_caller)
        round_caller.call(DELETE_TOPOLOGY, "DELETE", url)
        list_project(round_caller.afterwards)
        if not _was_empty(round_caller.afterwards):
            return


def _was_empty(caller: Caller) -> bool:
    """Whether the lists of the caller's race show an empty project."""
    try:
        return last_state([record for record in caller.history.records if record.race == caller.race]).empty
    except Inconclusive:
        return False
