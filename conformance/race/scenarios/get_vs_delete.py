"""The race between GETs and DELETEs of a project's topology."""

from collections.abc import Iterable

from conformance.race.engine.caller import Call, Caller, release_together
from conformance.race.operations.project_state import list_project
from conformance.race.operations.topology import DELETE_TOPOLOGY, GET_TOPOLOGY


def run(caller: Caller, *, width: int, rounds: Iterable[int]) -> None:
    """In each of the `rounds`, a volley of `width` GETs and DELETEs in turn: with an existing topology in the first
    round, without one in the second, and so on.

    Then one more GET, and what the project has; a DELETE, and what it has then. The caller's race becomes the prefix of
    the rounds' names. Stops where no topology can be created, or after a round in which calls were lost, as they may
    still be executed.
    """
    for number in rounds:
        round_caller = caller.within(f"{caller.race}-{number}")
        if number % 2 and not round_caller.call(GET_TOPOLOGY, "GET", round_caller.topology_url).ok:
            return
        calls = [(GET_TOPOLOGY, "GET"), (DELETE_TOPOLOGY, "DELETE")] * (width // 2)
        records = release_together(
            [Call(round_caller, operation, method, round_caller.topology_url) for operation, method in calls]
        )
        round_caller.call(GET_TOPOLOGY, "GET", round_caller.topology_url)
        list_project(round_caller)
        round_caller.call(DELETE_TOPOLOGY, "DELETE", round_caller.topology_url)
        list_project(round_caller.afterwards)
        if any(record.lost for record in records):
            return
