"""The conformance suite: requirements, the tests that cover them, and the verdict."""

from importlib.metadata import version

VERSION = version("get-me-a-network")
USER_AGENT = f"get-me-a-network/{VERSION}"
