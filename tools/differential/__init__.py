"""`tools/against`: generated requests, sent to the real services and to the reference, and their answers compared."""
