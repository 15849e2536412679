"""The calls that races make for a topology, and how their answers are read."""

from conformance.race.engine.history import Record

GET_TOPOLOGY = "get_topology"
DELETE_TOPOLOGY = "delete_topology"


def answered_id(record: Record) -> str | None:
    """The network id of a topology answer, None where there is none."""
    answer = record.answer.get("auto_allocated_topology") if isinstance(record.answer, dict) else None
    found = answer.get("id") if isinstance(answer, dict) else None
    return found if isinstance(found, str) and found else None
