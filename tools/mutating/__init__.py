"""`tools/mutate`: the reference with one expression changed at random, and whether the suite finds it."""
