"""`tools/bench`: measurements, a module for each claim, which returns a Table; nothing is judged."""
