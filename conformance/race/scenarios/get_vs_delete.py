"""The race between those who ask for a project's topology and those who take it away."""

from collections.abc import Iterable

from conformance.race.engine.caller import Call, Caller, release_together
from conformance.race.operations.project_state import list_project
from conformance.race.operations.topology import DELETE_TOPOLOGY, GET_TOPOLOGY


def run(caller: Caller, *, width: int, rounds: Iterable[int]) -> None:
    """In each of the `rounds`, a volley of `width` GETs and DELETEs in turn: of a topology that is there, then of none.

    Then one more GET, and what the project has; a DELETE, and what it has then. The caller's race becomes the prefix of
    their names. Ends early when there is no topology to begin with, or when calls were lost, for they may be at work.
    """
    for number in rounds:
        here = caller.within(f"{caller.race}-{number}")
        if number % 2 and not here.call(GET_TOPOLOGY, "GET", here.topology_url).ok:
            return
        calls = [(GET_TOPOLOGY, "GET"), (DELETE_TOPOLOGY, "DELETE")] * (width // 2)
        raced = release_together([Call(here, operation, method, here.topology_url) for operation, method in calls])
        here.call(GET_TOPOLOGY, "GET", here.topology_url)
        list_project(here)
        here.call(DELETE_TOPOLOGY, "DELETE", here.topology_url)
        list_project(here.afterwards)
        if any(record.lost for record in raced):
            return
