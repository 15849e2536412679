"""Faults of get-me-a-network itself: the auto-allocated topology."""

from reference.faults.topology import answers, builds, companions, deletes, gets, races

__all__ = ["answers", "builds", "companions", "deletes", "gets", "races"]
