"""Faults of get-me-a-network itself: the auto-allocated topology."""

from reference.faults.topology import answers, builds, deletes, gets, races

__all__ = ["answers", "builds", "deletes", "gets", "races"]
