"""`tools/fuzz`: thousands of requests to the reference, valid and invalid, generated from its own description."""
