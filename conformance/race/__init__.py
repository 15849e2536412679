"""Races: calls that are released together, the history of what happened, and what must hold of it."""
