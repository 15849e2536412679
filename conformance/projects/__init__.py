"""Clean projects for tests: leased, emptied afterwards, with a journal on disk by which all of it can be undone."""
