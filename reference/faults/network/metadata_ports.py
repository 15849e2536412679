"""Ports for metadata, as OVN has them, and what a cloud may get wrong about them (N-PORT-017).

Neutron makes one with each network, of the network's project, and gives it an address in each IPv4 subnet with DHCP
(neutron plugins/ml2/drivers/ovn, create_metadata_port and update_metadata_port).
"""

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.catalogue import Plant
from reference.faults.catalogue import entry, table
from reference.faults.seams import Wrapper, together, wrap
from reference.network.ipam.fixed_ips import fixed_ips_of, reassign
from reference.network.resources import networks, ports, routers, subnets
from reference.network.rest.errors import error
from reference.network.tables import networks as network_table
from reference.network.tables import ports as port_table
from reference.network.tables import subnets as subnet_table
from reference.wsgi.errors import Problem

OWNER = "network:distributed"
Find = Callable[[Connection, str], Row[Any] | None]


def metadata_port(tx: Connection, network: str) -> Row[Any] | None:
    """The network's port for metadata, made where it is missing."""
    port = tx.execute(sa.select(port_table).where(*_of(network))).first()
    if port is not None:
        return port
    project = tx.execute(sa.select(network_table.c.project_id).where(network_table.c.id == network)).scalar()
    values = routers.port_of(f"ovnmeta-{network}", network, OWNER, project_id=project, fixed_ips=[])
    ports.add_ports(tx, [values], [])
    return tx.execute(sa.select(port_table).where(*_of(network))).first()


def _of(network: str) -> Sequence[sa.ColumnElement[bool]]:
    return port_table.c.network_id == network, port_table.c.device_owner == OWNER


def planted(find: Find = metadata_port) -> None:
    """Let networks have such ports; `find` returns the port for a new subnet."""

    def network(right: Wrapper, tx: Connection, *arguments: Any) -> str:
        id_ = str(right(tx, *arguments))
        metadata_port(tx, id_)
        return id_

    def one(right: Wrapper, tx: Connection, *arguments: Any) -> str:
        id_ = str(right(tx, *arguments))
        _give(tx, find, tx.execute(sa.select(subnet_table).where(subnet_table.c.id == id_)).one())
        return id_

    def several(right: Wrapper, tx: Connection, *arguments: Any) -> list[Any]:
        rows: list[Any] = right(tx, *arguments)
        for row in tx.execute(sa.select(subnet_table).where(subnet_table.c.id.in_([row.id for row in rows]))).all():
            _give(tx, find, row)
        return rows

    wrap(networks, "create", network)
    wrap(networks.RESOURCE, "create", network)
    wrap(subnets.RESOURCE, "create", one)
    wrap(subnets, "take_subnets", several)


def _give(tx: Connection, find: Find, subnet: Row[Any]) -> None:
    """Give the network's port the subnet's first address, or another, where one is free and DHCP asks for it."""
    port = find(tx, subnet.network_id)
    if port is None or subnet.ip_version != 4 or not subnet.enable_dhcp:
        return
    first = [pool["start"] for pool in subnet.allocation_pools[:1]]
    present = [ip for ip in fixed_ips_of(tx, [port.id])[port.id] if ip["subnet_id"] != subnet.id]
    within = ports.subnets_of(tx, subnet.network_id)
    for address in ({"ip_address": first[0]} if first else {}, {}):
        try:
            with tx.begin_nested():
                reassign(tx, port._mapping, [*present, {"subnet_id": subnet.id, **address}], within)
            return
        except Problem:
            continue


def _kept(right: Wrapper, tx: Connection, caller: Any, row: Row[Any]) -> None:
    if row.device_owner == OWNER:
        raise error("ServicePortInUse", id=row.id, owner=row.device_owner)
    right(tx, caller, row)


def _ignored(right: Wrapper, tx: Connection, caller: Any, row: Row[Any]) -> None:
    if row.device_owner != OWNER:
        right(tx, caller, row)


def _deleting(delete: Wrapper) -> Plant:
    return lambda: wrap(ports.RESOURCE, "delete", delete)


def _lost(tx: Connection, network: str) -> Row[Any] | None:
    return tx.execute(sa.select(port_table).where(*_of(network))).first()


table(
    entry("metadata-ports-are-kept", "N-PORT-017")(
        "Networks have a port for metadata, which their owner cannot delete.", together(planted, _deleting(_kept))
    ),
    entry("metadata-ports-stay", "N-PORT-017")(
        "Networks have a port for metadata, whose DELETE answers 204 and does nothing.",
        together(planted, _deleting(_ignored)),
    ),
    entry("metadata-is-lost", "N-PORT-017")(
        "Networks have a port for metadata, which does not come back after it was deleted.", lambda: planted(_lost)
    ),
)
