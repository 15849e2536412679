"""POST /os-keypairs: a public key and its name; from 2.92 on the key is required."""

from reference.compute.schemas.history import History, since
from reference.compute.schemas.types import record, text

_TYPE = {"type": "string", "enum": ["ssh", "x509"]}

IMPORT = History(
    record(
        {"keypair": record({"name": text(255, 1, pattern="^[_ a-zA-Z0-9-]+$"), "public_key": text(65535)}, ("name",))},
        ("keypair",),
    ),
    since("2.2", {"keypair.type": _TYPE}),
    since("2.10", {"keypair.user_id": text()}),
    since(
        "2.92",
        {"keypair.name": text(255, 1, pattern=r"^[_@. a-zA-Z0-9-]+$")},
        required={"keypair": "public_key"},
    ),
)
