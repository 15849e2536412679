"""The conformance suite: requirements, the tests that cover them, and the verdict."""
