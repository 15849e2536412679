"""POST /flavors: a size that an admin adds; all are public here, and none has swap or ephemeral disks."""

from reference.compute.schemas.history import History, since
from reference.compute.schemas.types import DIGITS, NAME, TRUE, nullable, record, text

_MOST = 2**31 - 1
_ID = {**text(255, 1, pattern="^(?! )[a-zA-Z0-9. _-]+(?<! )$"), "type": ["string", "number", "null"]}


def _whole(least: int) -> dict[str, object]:
    return {"type": ["integer", "string"], "pattern": f"^[0-9]{{1,{DIGITS}}}$", "minimum": least, "maximum": _MOST}


CREATE = History(
    record(
        {
            "flavor": record(
                {
                    "name": NAME,
                    "id": _ID,
                    "ram": _whole(1),
                    "vcpus": _whole(1),
                    "disk": _whole(0),
                    "swap": {"enum": [0, "0"]},
                    "OS-FLV-EXT-DATA:ephemeral": {"enum": [0, "0"]},
                    "rxtx_factor": {"enum": [1, 1.0, "1", "1.0"]},
                    "os-flavor-access:is_public": {"enum": list(TRUE)},
                },
                ("name", "ram", "vcpus", "disk"),
            )
        },
        ("flavor",),
    ),
    since("2.55", {"flavor.description": nullable(text(65535, format="printable"))}),
)
