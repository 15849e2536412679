"""POST /servers/{id}/action: lock a server, unlock it, read its console."""

from reference.compute.microversion import Version
from reference.compute.schemas.history import History, since
from reference.compute.schemas.types import nullable, record, text

CONSOLE = "os-getConsoleOutput"
REASONS = Version(2, 73)  # from here on a lock has a reason; before, its body is ignored
_LENGTH = {"type": ["integer", "string", "null"], "pattern": "^-?[0-9]+$", "minimum": -1}
ACTIONS = {
    "lock": History(
        record({"lock": {}}, ("lock",)),
        since(str(REASONS), {"lock": nullable(record({"locked_reason": text(255, 1)}))}),
    ),
    "unlock": History(record({"unlock": {}}, ("unlock",))),
    CONSOLE: History(record({CONSOLE: record({"length": _LENGTH})}, (CONSOLE,))),
}
