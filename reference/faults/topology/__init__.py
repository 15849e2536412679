"""Faults of get-me-a-network itself: the auto-allocated topology."""

from reference.faults.topology import answers, builds, callers, companions, deletes, gets, races

__all__ = ["answers", "builds", "callers", "companions", "deletes", "gets", "races"]
