"""POST /servers/{id}/action: what may be done to a server, here to lock it and unlock it."""

from reference.compute.schemas.history import History, since
from reference.compute.schemas.types import nullable, record, text

ACTIONS = {
    "lock": History(
        record({"lock": {}}, ("lock",)),
        since("2.73", {"lock": nullable(record({"locked_reason": text(255, 1)}))}),
    ),
    "unlock": History(record({"unlock": {}}, ("unlock",))),
}
