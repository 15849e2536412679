"""Which hosts build, and whether they have been heard of lately (C-SVC-001)."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from reference.compute import times
from reference.compute.tables import hosts


def seen(tx: Connection, host: str) -> None:
    """Note that the host's builders are alive."""
    moment = times.now()
    if not tx.execute(hosts.update().where(hosts.c.host == host).values(seen_at=moment)).rowcount:
        tx.execute(hosts.insert().values(host=host, seen_at=moment))
