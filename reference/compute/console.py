"""The output on a server's console: a file beside the database, written by the agent that runs the servers, if one
does.
"""

import re

from reference.compute.errors import fault
from reference.config import Settings

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f]")


def output(settings: Settings, server: str, length: int | None) -> str:
    """The last `length` lines, all there are for None and -1. Raises Problem: 501 where servers do not run."""
    if not settings.guests:
        raise fault(501, "The requested functionality is not supported.")
    try:
        text = (settings.consoles / server).read_text(errors="replace")
    except FileNotFoundError:
        text = ""  # it does not run yet
    if length is not None and length >= 0:
        text = "\n".join(text.split("\n")[-length:]) if length else ""
    return _CONTROL.sub("", text)
