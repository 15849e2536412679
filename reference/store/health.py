"""Whether the database can be used. The check writes a row, as a read-only database would fail the first change."""

import time

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.store import Store

METADATA = sa.MetaData()
_checks = sa.Table(
    "sto_checks",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("checked_at", sa.Double, nullable=False),  # in seconds since 1970
)
_ONLY = 1  # the id of the one row


def check(store: Store) -> None:
    """Write a row. Raises SQLAlchemyError where the database cannot be written to."""

    def write(tx: Connection) -> None:
        values = {"checked_at": time.time()}
        if not tx.execute(_checks.update().where(_checks.c.id == _ONLY).values(**values)).rowcount:
            tx.execute(_checks.insert().values(id=_ONLY, **values))

    store.write(write)
