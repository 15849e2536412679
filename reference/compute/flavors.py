"""Flavors: those that exist from the start, and lookup by id."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.compute.errors import fault
from reference.compute.tables import flavors
from reference.store import Store

# ram in MiB, disk in GiB
SEED = (
    {"id": "1", "name": "m1.tiny", "vcpus": 1, "ram": 512, "disk": 1},
    {"id": "2", "name": "m1.small", "vcpus": 1, "ram": 2048, "disk": 20},
)
_FIND = sa.select(flavors).where(flavors.c.id == sa.bindparam("flavor"))


def seed(store: Store) -> None:
    """Create the flavors that are missing; safe when several processes start at once."""
    for flavor in SEED:
        existing = sa.select(flavors.c.id).where(flavors.c.id == flavor["id"])

        def add(tx: Connection, flavor: dict[str, Any] = flavor, existing: Any = existing) -> None:
            if tx.execute(existing).first() is None:
                tx.execute(flavors.insert().values(**flavor))

        try:
            store.write(add)
        except sa.exc.IntegrityError:
            continue  # another process has created it meanwhile


def add(tx: Connection, flavor: dict[str, Any]) -> None:
    """Add a flavor. Raises Problem: 409 where its id or its name is taken."""
    for column in (flavors.c.name, flavors.c.id):
        value = flavor[column.name]
        if tx.execute(sa.select(flavors.c.id).where(column == value)).first():
            raise fault(409, f"Flavor with {column.name} {value} already exists.")
    tx.execute(flavors.insert().values(**flavor))


def find(tx: Connection, flavor: str, *, status: int) -> Row[Any]:
    """The flavor with this id. Raises Problem with `status`: 404 where the path names it, 400 where a body does."""
    row = tx.execute(_FIND, {"flavor": flavor}).first()
    if row is None:
        raise fault(status, f"Flavor {flavor} could not be found.")
    return row
