"""The race to take a project's topology away: many DELETEs at once, again and again."""

from collections.abc import Iterable

from conformance.race.engine.caller import Caller
from conformance.race.operations.project_state import list_project
from conformance.race.operations.topology import DELETE_TOPOLOGY, GET_TOPOLOGY, answered_id


def run(caller: Caller, *, width: int, rounds: Iterable[int]) -> None:
    """In each of the `rounds`, a race of `width` DELETEs of a topology that is there.

    The caller's race becomes the prefix of their names. Ends early when there is no topology to begin with, or when
    calls were lost, for they may still be at work.
    """
    for number in rounds:
        here = caller.within(f"{caller.race}-{number}")
        if not answered_id(here.call(GET_TOPOLOGY, "GET", here.topology_url)):
            return
        raced = here.volley(DELETE_TOPOLOGY, "DELETE", here.topology_url, width)
        if any(record.lost for record in raced):
            return
        list_project(here)
