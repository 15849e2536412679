"""The races: which calls are released together, and what is listed afterwards."""
