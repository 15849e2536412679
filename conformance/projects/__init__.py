"""Clean projects for tests: leased, emptied afterwards, and what is noted on disk to undo it all."""
