"""The calls that races make for a topology, and how to read their answers."""

from conformance.race.engine.history import Record

GET_TOPOLOGY = "get_topology"
DELETE_TOPOLOGY = "delete_topology"


def answered_id(record: Record) -> str | None:
    """The network id of a topology answer, None where there is none."""
    topology = record.answer.get("auto_allocated_topology") if isinstance(record.answer, dict) else None
    id_ = topology.get("id") if isinstance(topology, dict) else None
    return id_ if isinstance(id_, str) and id_ else None
