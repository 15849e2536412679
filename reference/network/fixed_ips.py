"""Which addresses a port has: those asked for, or one per IP version; and, where MAC addresses make them, those too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row, RowMapping

from reference.network import addressing
from reference.network.errors import error
from reference.network.tables import addresses

Port = Mapping[str, Any] | RowMapping
Wanted = list[dict[str, str]]


def held(tx: Connection, port_ids: Iterable[str]) -> dict[str, list[dict[str, str]]]:
    """Each port's addresses as the API shows them, IPv4 first."""
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    statement = sa.select(addresses).where(addresses.c.port_id.in_(list(port_ids)))
    for row in sorted(tx.execute(statement), key=lambda row: (":" in row.ip_address, row.ip_address)):
        found[row.port_id].append({"subnet_id": row.subnet_id, "ip_address": row.ip_address})
    return found


def assign(tx: Connection, port: Port, wanted: Wanted | None, within: Sequence[Row[Any]]) -> None:
    """Give the port the addresses asked for, or one per IP version its network has subnets of (N-PORT-001).

    `within` are the subnets of its network. What a MAC address makes comes on top, asked for or not; a router's
    interface has what it was plugged in with. Errors: 400 for what is not to be had, 409 for what is gone.
    """
    made = [] if port["device_owner"] == addressing.INTERFACE else [s for s in within if _is_automatic(s)]
    if wanted is None:
        _one_per_version(tx, port["id"], [subnet for subnet in within if subnet not in made])
    for each in wanted or []:
        subnet = _choose(within, each)
        if subnet in made:
            if each.get("ip_address", own := addressing.automatic(subnet.cidr, port["mac_address"])) != own:
                raise error("AllocationOnAutoAddressSubnet", ip=each["ip_address"], id=subnet.id)
        elif "ip_address" in each:
            addressing.take_exactly(tx, subnet, each["ip_address"], port["id"])
        elif addressing.take(tx, subnet, port["id"]) is None:
            raise error("IpAddressGenerationFailure", id=subnet.network_id)
    for subnet in made:
        addressing.take_exactly(tx, subnet, addressing.automatic(subnet.cidr, port["mac_address"]), port["id"])


def reassign(tx: Connection, port: Row[Any], wanted: Wanted, within: Sequence[Row[Any]]) -> None:
    """Give the port other addresses; where only a subnet is named, one it has there stays."""
    asked = list(wanted)
    for each in held(tx, [port.id])[port.id]:
        only_subnet = {"subnet_id": each["subnet_id"]}
        if only_subnet in asked:
            asked[asked.index(only_subnet)] = each
    tx.execute(addresses.delete().where(addresses.c.port_id == port.id))
    assign(tx, port._mapping, asked, within)


def _is_automatic(subnet: Row[Any]) -> bool:
    return addressing.is_automatic(subnet._mapping)


def _one_per_version(tx: Connection, port_id: str, within: Sequence[Row[Any]]) -> None:
    for version in (4, 6):
        family = [subnet for subnet in within if subnet.ip_version == version]
        if family and not any(addressing.take(tx, subnet, port_id) for subnet in family):
            raise error("IpAddressGenerationFailure", id=family[0].network_id)


def _choose(within: Sequence[Row[Any]], wanted: Mapping[str, str]) -> Row[Any]:
    """The subnet a requested address means: the one named, or the one that contains it."""
    if "subnet_id" in wanted:
        for subnet in within:
            if subnet.id == wanted["subnet_id"]:
                return subnet
        raise error("SubnetNotFound", id=wanted["subnet_id"])
    for subnet in within:
        if "ip_address" in wanted and addressing.contains(subnet, wanted["ip_address"]):
            return subnet
    raise error("InvalidIpForNetwork", ip=wanted.get("ip_address"))
