"""Ports that Networking's agents create on users' networks, at some later time."""

import time
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.differences.catalogue import difference
from reference.faults.network.metadata_ports import planted
from reference.faults.seams import wrap
from reference.network.handlers import collection
from reference.network.resources import ports, routers, subnets
from reference.network.tables import METADATA
from reference.network.tables import subnets as subnet_table
from reference.store import Store
from reference.wsgi.errors import Problem

LATER = 0.2  # seconds until an agent has heard of a subnet


@difference("Neutron with DHCP agents")
def dhcp_ports() -> None:
    """Each subnet with DHCP gets a port of a DHCP agent, of the network's project, a moment after it was made."""
    awaited = sa.Table(
        "difference_dhcp",
        METADATA,
        sa.Column("subnet_id", sa.ForeignKey("net_subnets.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("due", sa.Float, nullable=False),
    )

    def add_agent_ports(tx: Connection, *ids: str) -> None:
        tx.execute(awaited.insert(), [{"subnet_id": item, "due": time.time() + LATER} for item in ids])

    def serve(tx: Connection) -> None:
        due = sa.select(subnet_table).join(awaited, awaited.c.subnet_id == subnet_table.c.id)
        for subnet in tx.execute(due.where(awaited.c.due <= time.time()).with_for_update()).all():
            tx.execute(awaited.delete().where(awaited.c.subnet_id == subnet.id))
            if subnet.enable_dhcp:
                _give(tx, subnet)

    def looking(right: Callable[..., Any], self: collection.Collection, *arguments: Any) -> Any:
        if self.resource is ports.RESOURCE and _are_due(self.store, awaited):
            self.store.write(serve)
        return right(self, *arguments)

    def one(right: Any, tx: Connection, *arguments: Any) -> str:
        subnet = str(right(tx, *arguments))
        add_agent_ports(tx, subnet)
        return subnet

    def several(right: Any, tx: Connection, *arguments: Any) -> list[Any]:
        rows: list[Any] = right(tx, *arguments)
        add_agent_ports(tx, *(row.id for row in rows))
        return rows

    wrap(subnets.RESOURCE, "create", one)
    wrap(subnets, "take_subnets", several)
    for handler in ("index", "show"):
        wrap(collection.Collection, handler, looking)


@difference("Neutron with OVN")
def metadata_ports() -> None:
    """Each network has a port for metadata, of the network's project, on the first address of each IPv4 subnet with
    DHCP; its owner may delete it, and it comes back with the next such subnet.
    """
    planted()


def _are_due(store: Store, awaited: sa.Table) -> bool:
    with store.read() as tx:
        return tx.execute(sa.select(awaited).where(awaited.c.due <= time.time())).first() is not None


def _give(tx: Connection, subnet: Row[Any]) -> None:
    """Add a port of the DHCP agent to the subnet, unless no address is left."""
    fixed_ips = [{"subnet_id": subnet.id}]
    try:
        ports.add_ports(tx, [_port(subnet.network_id, subnet.project_id, "network:dhcp", fixed_ips)], [subnet])
    except Problem:
        return


def _port(network: str, project: str, owner: str, fixed_ips: list[dict[str, str]]) -> dict[str, Any]:
    agent = f"{owner.partition(':')[2]}-{network}"
    return routers.port_of(agent, network, owner, project_id=project, fixed_ips=fixed_ips)
