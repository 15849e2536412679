"""The race to delete a project's topology: many DELETEs at once, in several rounds."""

from collections.abc import Iterable

from conformance.race.engine.caller import Caller
from conformance.race.operations.project_state import list_project
from conformance.race.operations.topology import DELETE_TOPOLOGY, GET_TOPOLOGY, answered_id


def run(caller: Caller, *, width: int, rounds: Iterable[int]) -> None:
    """In each of the `rounds`, a race of `width` DELETEs of an existing topology.

    A round's name is the name of the caller's race and the round's number. Stops if no topology can be created, or
    after a round in which calls were lost, as the cloud may still execute them.
    """
    for number in rounds:
        round_caller = caller.within(f"{caller.race}-{number}")
        if not answered_id(round_caller.call(GET_TOPOLOGY, "GET", round_caller.topology_url)):
            return
        records = round_caller.volley(DELETE_TOPOLOGY, "DELETE", round_caller.topology_url, width)
        if any(record.lost for record in records):
            return
        list_project(round_caller)
