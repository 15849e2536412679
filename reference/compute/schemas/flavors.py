"""POST /flavors: what an admin may say of a size of servers."""

from __future__ import annotations

from reference.compute.schemas.history import History
from reference.compute.schemas.types import nullable, record, text

_AMOUNT = {"type": ["integer", "string"], "pattern": "^[0-9]+$", "minimum": 0}
_SOME = {**_AMOUNT, "pattern": "^0*[1-9][0-9]*$", "minimum": 1}
_FIELDS = {
    "name": text(shortest=1, format="name"),
    "id": nullable(text(shortest=1)),
    "ram": _SOME,
    "vcpus": _SOME,
    "disk": _AMOUNT,
}

CREATE = History(
    record({"flavor": record(_FIELDS, ("name", "ram", "vcpus", "disk"))}, ("flavor",)),
)
