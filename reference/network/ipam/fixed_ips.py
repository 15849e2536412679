"""The addresses of a port: those requested, or one per IP version; and automatic ones, of its MAC address."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row, RowMapping

from reference.network.ipam import addressing
from reference.network.ipam.addressing import Claim
from reference.network.rest import validators
from reference.network.rest.address_checks import ip_address
from reference.network.rest.errors import error
from reference.network.tables import addresses

Port = Mapping[str, Any] | RowMapping
FixedIps = list[dict[str, str]]

# the check of addresses that a request names
REQUESTED = validators.distinct(
    validators.list_of(validators.loose_record(subnet_id=validators.uuid_text, ip_address=ip_address), most=100),
    "ip_address",
)
_OF_PORTS = sa.select(addresses).where(addresses.c.port_id.in_(sa.bindparam("ports", expanding=True)))


def fixed_ips_of(tx: Connection, port_ids: Iterable[str]) -> dict[str, list[dict[str, str]]]:
    """Port id -> addresses as {"subnet_id", "ip_address"}, IPv4 first."""
    by_port: dict[str, list[dict[str, str]]] = defaultdict(list)
    parameters = {"ports": list(port_ids)}
    for row in sorted(tx.execute(_OF_PORTS, parameters), key=lambda row: (":" in row.ip_address, row.ip_address)):
        by_port[row.port_id].append({"subnet_id": row.subnet_id, "ip_address": row.ip_address})
    return by_port


def claims(port: Port, requested: FixedIps | None, within: Sequence[Any]) -> list[Claim]:
    """The claims of the port: the addresses requested, or one per IP version of its network (N-PORT-001).

    `within` are the subnets of its network. Automatic addresses are added, requested or not, except for a router's
    interface. Raises Problem: 400 or 404 for an address that is not available.
    """
    is_interface = port["device_owner"] == addressing.INTERFACE
    automatic = [subnet for subnet in within if addressing.is_automatic(subnet) and not is_interface]
    ordinary = []
    if requested is None:
        families = [[s for s in within if s.ip_version == version and s not in automatic] for version in (4, 6)]
        ordinary = [Claim(port["id"], family) for family in families if family]
    for item in requested or []:
        subnet = _choose(within, item)
        if subnet not in automatic:
            ordinary.append(Claim(port["id"], [subnet], item.get("ip_address")))
        elif item.get("ip_address", address := addressing.automatic(subnet.cidr, port["mac_address"])) != address:
            raise error("AllocationOnAutoAddressSubnet", ip=item["ip_address"], id=subnet.id)
    return ordinary + [Claim(port["id"], [s], addressing.automatic(s.cidr, port["mac_address"])) for s in automatic]


def reassign(tx: Connection, port: Port, requested: FixedIps, within: Sequence[Row[Any]]) -> None:
    """Give the port other addresses. Where only a subnet is requested, the port keeps its address there, unless that is
    requested, too. Raises Problem (400, 404, 409).
    """
    items = with_present(fixed_ips_of(tx, [port["id"]])[port["id"]], requested)
    tx.execute(addresses.delete().where(addresses.c.port_id == port["id"]))
    addressing.take(tx, claims(port, items, within))


def with_present(present: FixedIps, requested: FixedIps) -> FixedIps:
    """The requested addresses, with a present one of the subnet where only a subnet is requested."""
    items = list(requested)
    named = {item.get("ip_address") for item in items}
    for current in present:
        only_subnet = {"subnet_id": current["subnet_id"]}
        if only_subnet in items and current["ip_address"] not in named:
            items[items.index(only_subnet)] = current
    return items


def follow_mac(port: Port, present: FixedIps, requested: FixedIps | None, within: Sequence[Row[Any]]) -> FixedIps:
    """What to request of a port whose MAC address changes: what it has, or the `requested`, without the addresses that
    follow from its present MAC address.
    """
    automatic = {addressing.automatic(s.cidr, port["mac_address"]) for s in within if addressing.is_automatic(s)}
    return [item for item in (present if requested is None else requested) if item.get("ip_address") not in automatic]


def _choose(within: Sequence[Any], requested: Mapping[str, str]) -> Any:
    """The subnet of a requested address: the one named, or the one that contains it. Raises Problem (400, 404)."""
    if "subnet_id" in requested:
        for subnet in within:
            if subnet.id == requested["subnet_id"]:
                return subnet
        raise error("SubnetNotFound", id=requested["subnet_id"])
    if "ip_address" not in requested:
        raise error("InvalidInput", text="IP allocation requires subnet_id or ip_address")
    for subnet in within:
        if addressing.contains(subnet, requested["ip_address"]):
            return subnet
    raise error("InvalidIpForNetwork", ip=requested["ip_address"])
