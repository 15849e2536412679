"""The conformance suite: requirements, the tests that cover them, and the verdict."""

from importlib.metadata import version
from pathlib import Path

VERSION = version("get-me-a-network")
PACKAGE = Path(__file__).parent  # this folder, wherever the suite is installed
USER_AGENT = f"get-me-a-network/{VERSION}"
