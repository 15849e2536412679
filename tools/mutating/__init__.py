"""`tools/mutate`: changes one expression of the reference at random, and reports whether the suite finds the change."""
