"""Which addresses a port has: those asked for, or one per IP version; and, where MAC addresses make them, those too."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row, RowMapping

from reference.network.ipam import addressing
from reference.network.ipam.addressing import Claim
from reference.network.rest.errors import error
from reference.network.tables import addresses

Port = Mapping[str, Any] | RowMapping
Wanted = list[dict[str, str]]

_OF_PORTS = sa.select(addresses).where(addresses.c.port_id.in_(sa.bindparam("ports", expanding=True)))


def held(tx: Connection, port_ids: Iterable[str]) -> dict[str, list[dict[str, str]]]:
    """Each port's addresses as the API shows them, IPv4 first."""
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    wanted = {"ports": list(port_ids)}
    for row in sorted(tx.execute(_OF_PORTS, wanted), key=lambda row: (":" in row.ip_address, row.ip_address)):
        found[row.port_id].append({"subnet_id": row.subnet_id, "ip_address": row.ip_address})
    return found


def claims(port: Port, wanted: Wanted | None, within: Sequence[Any]) -> list[Claim]:
    """The addresses asked for, or one per IP version its network has subnets of (N-PORT-001).

    `within` are the subnets of its network. What a MAC address makes comes on top, asked for or not; a router's
    interface has what it was plugged in with. Errors: 400 and 404 for what is not to be had.
    """
    made = [] if port["device_owner"] == addressing.INTERFACE else [s for s in within if addressing.is_automatic(s)]
    asked = []
    if wanted is None:
        families = [[s for s in within if s.ip_version == version and s not in made] for version in (4, 6)]
        asked = [Claim(port["id"], family) for family in families if family]
    for each in wanted or []:
        subnet = _choose(within, each)
        if subnet not in made:
            asked.append(Claim(port["id"], [subnet], each.get("ip_address")))
        elif each.get("ip_address", own := addressing.automatic(subnet.cidr, port["mac_address"])) != own:
            raise error("AllocationOnAutoAddressSubnet", ip=each["ip_address"], id=subnet.id)
    return asked + [Claim(port["id"], [s], addressing.automatic(s.cidr, port["mac_address"])) for s in made]


def reassign(tx: Connection, port: Row[Any], wanted: Wanted, within: Sequence[Row[Any]]) -> None:
    """Give the port other addresses; where only a subnet is named, one it has there stays. Errors: 400, 404, 409."""
    asked = list(wanted)
    for each in held(tx, [port.id])[port.id]:
        only_subnet = {"subnet_id": each["subnet_id"]}
        if only_subnet in asked:
            asked[asked.index(only_subnet)] = each
    tx.execute(addresses.delete().where(addresses.c.port_id == port.id))
    addressing.take(tx, claims(port._mapping, asked, within))


def _choose(within: Sequence[Any], wanted: Mapping[str, str]) -> Any:
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
