"""Key pairs: a user's public keys by name; none are generated here (C-ERR-027)."""

import base64
import hashlib
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.compute.errors import fault
from reference.compute.tables import keypairs


def fingerprint(public_key: str, kind: str) -> str:
    """The MD5 of an ssh key, the SHA-1 of a certificate, as pairs of hex digits. Raises Problem (400)."""
    try:
        if kind == "ssh":
            key = base64.b64decode(public_key.split()[1], validate=True)
            digest = hashlib.md5(key, usedforsecurity=False).hexdigest()
        else:
            key = base64.b64decode("".join(public_key.strip().splitlines()[1:-1]), validate=True)
            digest = hashlib.sha1(key, usedforsecurity=False).hexdigest()
    except (IndexError, ValueError):
        key = b""
    if not key:
        raise fault(400, "Keypair data is invalid: failed to generate fingerprint")
    return ":".join(digest[position : position + 2] for position in range(0, len(digest), 2))


def find(tx: Connection, user: str, name: str) -> Row[Any] | None:
    """The user's key pair of that name, None without one."""
    return tx.execute(sa.select(keypairs).where(keypairs.c.user_id == user, keypairs.c.name == name)).first()
