"""`tools/bench`: measurements, a module for each claim, each of which returns a Table; nothing is judged."""
