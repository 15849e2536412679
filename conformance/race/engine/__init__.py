"""Releasing many calls at once, from one process or several, and recording each in a history."""
