"""Faults in subnets: where their prefixes come from, what of them may change, what keeps them."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Connection, Row

from reference.faults.catalogue import defect
from reference.faults.network_seam import attribute, doing, overlooking, status_of, unfiltered
from reference.faults.seam import around, nothing, replace
from reference.network.ipam import addressing
from reference.network.resources import subnet_rules, subnets
from reference.network.rest.errors import error
from reference.network.rest.resource import Values
from reference.network.tables import subnets as table
from reference.wsgi.context import Caller

RESOURCE = subnets.RESOURCE


def _asked(change: Any) -> None:
    """Let `change(values)` work on what is asked for, before it is looked where the prefix comes from."""

    def prefix(right: Any, tx: Connection, caller: Caller, values: Values) -> Any:
        change(values)
        return right(tx, caller, values)

    around(subnets, "pool_and_prefix", prefix)


@defect("N-SUB-003", row="DEF-N-061")
def default_pool_goes_without_saying() -> None:
    """A subnet with neither CIDR nor pool is cut from the default pool."""

    def change(values: Values) -> None:
        if not values.get("cidr") and not values.get("subnetpool_id"):
            values["use_default_subnetpool"] = True

    _asked(change)


@defect("N-SUB-002", row="DEF-N-061")
def subnets_of_a_cidr_are_of_a_pool() -> None:
    """A subnet with a CIDR of its own shows a pool."""

    def view(right: Any, tx: Connection, caller: Caller, rows: list[Row[Any]]) -> list[Values]:
        return [{**item, "subnetpool_id": item["subnetpool_id"] or item["id"]} for item in right(tx, caller, rows)]

    doing(RESOURCE, "view", view)


@defect("N-SUB-005")
def default_pool_is_not_given() -> None:
    """use_default_subnetpool is taken and not minded."""
    _asked(lambda values: values.pop("use_default_subnetpool", None))


@defect("N-SUB-006")
def pool_named_goes_before_the_default() -> None:
    """Of a pool named and the default pool wished for the one named is taken."""
    _asked(lambda values: values.get("subnetpool_id") and values.pop("use_default_subnetpool", None))


@defect("N-SUB-008")
def cidr_goes_before_prefixlen() -> None:
    """Of a CIDR and a length the CIDR is taken."""
    _asked(lambda values: values.get("cidr") and values.pop("prefixlen", None))


@defect("N-SUB-009")
def ranges_of_an_unknown_prefix_are_dropped() -> None:
    """Allocation pools of a subnet whose prefix the pool chooses are dropped."""
    _asked(lambda values: values.get("cidr") or values.pop("allocation_pools", None))


@defect("N-SUB-004")
def pool_decides_on_the_ip_version() -> None:
    """The IP version of a subnet from a pool is the pool's, whatever was asked for."""
    _asked(lambda values: values.get("subnetpool_id") and values.pop("ip_version", None))


@defect("N-SUB-010", row="DEF-N-064")
def subnets_of_pools_have_gateways() -> None:
    """A gateway_ip of null is ignored for a subnet from a pool."""

    def made(right: Any, values: Values, pool: Any, prefix: Any) -> Values:
        if pool is not None and values.get("gateway_ip", "") is None:
            values.pop("gateway_ip")
        return right(values, pool, prefix)  # type: ignore[no-any-return]

    around(subnets, "made_of", made)


@defect("N-SUB-011")
def ip_versions_may_mix() -> None:
    """Name servers and routes may be of another IP version."""
    replace(subnet_rules, "require_one_version", nothing)


@defect("N-SUB-013", row="DEF-N-071")
def pools_may_mix() -> None:
    """Subnets of a network may come from any pool, or from none."""
    replace(subnets, "require_same_pool", nothing)


@defect("N-SUB-014")
def pool_ids_are_any_text() -> None:
    """The id of a pool need not be a UUID."""
    attribute(RESOURCE, "subnetpool_id", check=lambda value: value)


@defect("N-SUB-015")
def subnets_are_not_told_by_their_gateway() -> None:
    """The filter gateway_ip of the list of subnets is taken and not applied."""
    unfiltered(RESOURCE, "gateway_ip")


@defect("N-SUB-016")
def cidrs_may_be_changed() -> None:
    """An update may name another CIDR."""
    attribute(RESOURCE, "cidr", put=True)


@defect("N-SUB-016")
def subnets_leave_their_pool() -> None:
    """An update may take a subnet out of its pool."""
    attribute(RESOURCE, "subnetpool_id", put=True)


@defect("N-SUB-016")
def name_servers_are_not_changed() -> None:
    """An update does not change a subnet's name servers."""

    def update(right: Any, tx: Connection, caller: Caller, row: Row[Any], values: Values) -> None:
        right(tx, caller, row, {name: value for name, value in values.items() if name != "dns_nameservers"})

    doing(RESOURCE, "update", update)


@defect("N-SUB-017")
def addresses_do_not_keep_a_subnet() -> None:
    """A subnet is deleted under the ports that have addresses of it."""

    def delete(_right: Any, tx: Connection, _caller: Caller, row: Row[Any]) -> None:
        subnets.release_prefix(tx, row)
        tx.execute(table.delete().where(table.c.id == row.id))

    doing(RESOURCE, "delete", delete)


@defect("N-SUB-018")
def automatic_addresses_keep_a_subnet() -> None:
    """A subnet is kept by addresses that ports give themselves."""

    def delete(right: Any, tx: Connection, caller: Caller, row: Row[Any]) -> None:
        if tx.execute(subnets.HOLDERS, {"subnet": row.id}).first() is not None:
            raise error("SubnetInUse", id=row.id)
        right(tx, caller, row)

    doing(RESOURCE, "delete", delete)


@defect("N-SUB-019")
def gateways_in_use_may_move() -> None:
    """A subnet's gateway may be changed while a router is at it."""
    replace(subnets, "gateway_user", nothing)


@defect("N-SUB-020")
def dhcp_needs_no_room() -> None:
    """A /31 may have DHCP."""
    overlooking(subnet_rules, "room_for_dhcp", "InvalidInput")


@defect("N-SUB-024")
def modes_go_with_anything() -> None:
    """The modes of IPv6 are not looked at."""
    replace(subnet_rules, "require_possible_modes", nothing)


@defect("N-SUB-024")
def modes_go_with_any_prefix() -> None:
    """Ports may give themselves addresses in a prefix that is too long for that."""

    def modes(right: Any, prefix: Any, values: Values) -> None:
        right(prefix.supernet(new_prefix=min(prefix.prefixlen, subnet_rules.EUI64)), values)

    around(subnet_rules, "require_possible_modes", modes)


@defect("N-SUB-025")
def ranges_may_lie_anywhere() -> None:
    """What a subnet has to give is not looked at."""
    replace(subnet_rules, "require_fitting_ranges", nothing)


@defect("N-SUB-025")
def gateways_may_be_given_away() -> None:
    """The ranges that a subnet has to give may hold its gateway."""
    overlooking(subnet_rules, "require_fitting_ranges", "GatewayConflictWithAllocationPools")


@defect("N-SUB-001")
def subnets_have_no_dhcp() -> None:
    """A subnet that does not say so has no DHCP."""
    attribute(RESOURCE, "enable_dhcp", default=False)


def _pools(change: Any) -> None:
    """Let `change(right, network, gateway)` say what is to give where nobody named it."""
    around(addressing, "default_pools", change)


@defect("N-SUB-023")
def gateways_are_first() -> None:
    """What lies before a gateway in the middle is not to give."""
    _pools(lambda right, network, gateway: right(network, gateway)[-1:])


@defect("N-SUB-023")
def gateways_are_given_away() -> None:
    """An IPv4 gateway that is not the first address is to give, too."""

    def pools(right: Any, network: Any, gateway: str | None) -> Any:
        elsewhere = network.version == 4 and gateway != addressing.default_gateway(network)
        return right(network, None if elsewhere else gateway)

    _pools(pools)


@defect("N-NET-026")
def unknown_subnets_are_gone() -> None:
    """A subnet that there is not is answered 410."""
    status_of("SubnetNotFound", 410)
