"""Ports of routers' interfaces, whose IPv4 addresses stay as they are.

Source: neutron db/ipam_pluggable_backend.py (_update_ips_for_port), with the L3 agent's router plug-in.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.network.ipam.addressing import INTERFACE
from reference.network.ipam.fixed_ips import FixedIps, fixed_ips_of, with_present
from reference.network.rest.errors import error
from reference.network.tables import routers
from reference.wsgi.errors import Problem

_ROUTER = sa.select(routers.c.id).where(routers.c.id == sa.bindparam("router"))


def refuse_ip_change(tx: Connection, row: Row[Any], requested: FixedIps, within: Sequence[Row[Any]]) -> None:
    """Refuse other IPv4 addresses for the interface of a router that is there; `within` are its network's subnets.

    Raises Problem (400).
    """
    if row.device_owner != INTERFACE or tx.execute(_ROUTER, {"router": row.device_id}).first() is None:
        return
    present = fixed_ips_of(tx, [row.id])[row.id]
    items = with_present(present, requested)
    in_ipv4 = {subnet.id for subnet in within if subnet.ip_version == 4}
    remaining = {item["ip_address"] for item in items if "ip_address" in item and ":" not in item["ip_address"]}
    is_more = any("ip_address" not in item and item.get("subnet_id") in in_ipv4 for item in items)
    if is_more or remaining != {item["ip_address"] for item in present if ":" not in item["ip_address"]}:
        raise ip_change_refused(row.id)


def ip_change_refused(port_id: str) -> Problem:
    """The refusal of other IPv4 addresses for a router's interface."""
    return error("BadRequest", resource="ports", text=f"IP updates for port {port_id} are not allowed")
