"""The hosts that build servers: their last heartbeats and their versions (C-SVC-001, C-NET-034).

A host is known from the first heartbeat of its builders until an admin removes it.
"""

import uuid
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.compute import timestamps
from reference.compute.tables import hosts

KNOWS_AUTO_AND_NONE = 12  # the first version with `auto` and `none`
DOWN_AFTER = timedelta(seconds=60)
# a larger flavor fits on no host; usage is not counted, as servers here use nothing (C-BUILD-009)
CAPACITY = {"vcpus": 1024, "ram": 1024 * 1024, "disk": 1024 * 1024}
_NAMES = sa.select(hosts.c.host)
_UPDATE = hosts.update().where(hosts.c.host == sa.bindparam("name"))
_LOWEST = sa.select(sa.func.min(hosts.c.version)).where(hosts.c.seen_at >= sa.bindparam("since"))


def seen(tx: Connection, host: str, version: int) -> None:
    """Record that the host's builders are alive, and their version."""
    values = {"seen_at": timestamps.now(), "version": version}
    if not tx.execute(_UPDATE, {"name": host, **values}).rowcount:
        tx.execute(hosts.insert().values(host=host, **values))


def lately() -> str:
    """The moment since which a host must have sent a heartbeat to count as alive."""
    return timestamps.parse((datetime.now(UTC) - DOWN_AFTER).isoformat())


def known(tx: Connection) -> set[str]:
    """The names of all hosts that are known."""
    return set(tx.execute(_NAMES).scalars())


def outdated(tx: Connection) -> bool:
    """Whether a live host's version lacks `auto` and `none`; read each time, never cached (C-NET-034)."""
    lowest = tx.execute(_LOWEST, {"since": lately()}).scalar()
    return lowest is not None and lowest < KNOWS_AUTO_AND_NONE


def service_id(host: str) -> str:
    """The id of the service on the host, from 2.53 on."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, host))
