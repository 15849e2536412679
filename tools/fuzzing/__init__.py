"""`tools/fuzz`: thousands of requests, right and wrong, at the reference, whose own description they follow."""
