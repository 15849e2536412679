"""The report of a run: collected from the records of its tests, then rendered for programs and for people."""
