"""MAC addresses of ports: random ones, and those that admins choose."""

import random
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.network.rest.errors import error
from reference.network.tables import ports
from reference.wsgi.context import Caller


def changed(tx: Connection, caller: Caller, row: Row[Any], mac: str | None, owner: str) -> str:
    """The port's MAC address from now on, a random one for None; `owner` is its device_owner.

    Raises Problem (403, 409).
    """
    if not caller.is_admin:
        raise error("PolicyNotAuthorized", rule="update_port:mac_address")
    if mac is None:
        return random_mac()
    if mac != row.mac_address and owner.startswith("network:"):
        raise error("UnsupportedPortDeviceOwner", id=row.id, operation="mac address update", owner=owner)
    if mac != row.mac_address and is_in_use(tx, row.network_id, mac):
        raise error("MacAddressInUse", id=row.network_id, mac=mac)
    return mac


def random_mac() -> str:
    """A random MAC address, of 16 million. Where it is in use, the unique key refuses it and the write is retried."""
    return "fa:16:3e:" + ":".join(f"{random.randrange(256):02x}" for _ in range(3))  # noqa: S311


def is_in_use(tx: Connection, network_id: str, mac: str) -> bool:
    """Whether a port on the network has that MAC address."""
    statement = sa.select(ports.c.id).where(ports.c.network_id == network_id, ports.c.mac_address == mac)
    return tx.execute(statement).first() is not None
