"""What `tools/bench` measures: a module a claim, each giving a Table; nothing here judges."""
