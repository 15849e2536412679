"""Faults in subnets: where their prefixes come from, what may change, what forbids their deletion."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.catalogue import Plant
from reference.faults.catalogue import entry, fault, table
from reference.faults.seams import (
    Wrapper,
    around,
    attribute,
    changed,
    forgiving,
    refused_with,
    refusing,
    replaced,
    shown,
    unchanged,
    unfiltered,
    without,
)
from reference.network import tables
from reference.network.ipam import addressing
from reference.network.resources import subnet_prefixes, subnet_rules, subnets
from reference.network.rest.errors import error
from reference.network.rest.resource import Values
from reference.wsgi.context import Caller


def _requesting(change: Callable[[Values], object]) -> Plant:
    """Let `change(values)` work on what is requested, before it is looked at where the prefix comes from."""

    def prefix(right: Wrapper, tx: Connection, caller: Caller, values: Values) -> Any:
        change(values)
        return right(tx, caller, values)

    return around(subnet_prefixes, "pool_and_prefix")(prefix)


def _remove(tx: Connection, _caller: Caller, row: Row[Any]) -> None:
    """Remove the subnet, whoever has addresses of it."""
    subnets.release_prefix(tx, row)
    tx.execute(tables.subnets.delete().where(tables.subnets.c.id == row.id))


table(
    entry("subnets-of-a-cidr-are-of-a-pool", "N-SUB-002", row="DEF-N-061")(
        "A subnet with a CIDR of its own shows a pool.",
        shown(subnets.RESOURCE)(lambda item: item.update(subnetpool_id=item["subnetpool_id"] or item["id"])),
    ),
    entry("default-pool-is-not-given", "N-SUB-005")(
        "use_default_subnetpool is accepted and ignored.",
        _requesting(lambda values: values.pop("use_default_subnetpool", None)),
    ),
    entry("pool-named-goes-before-the-default", "N-SUB-006")(
        "A request that names a pool and also asks for the default pool gets the named one.",
        _requesting(lambda values: values.get("subnetpool_id") and values.pop("use_default_subnetpool", None)),
    ),
    entry("cidr-goes-before-prefixlen", "N-SUB-008")(
        "Of a CIDR and a length the CIDR is taken.",
        _requesting(lambda values: values.get("cidr") and values.pop("prefixlen", None)),
    ),
    entry("ranges-of-an-unknown-prefix-are-dropped", "N-SUB-009")(
        "Allocation pools of a subnet whose prefix the pool chooses are dropped.",
        _requesting(lambda values: values.get("cidr") or values.pop("allocation_pools", None)),
    ),
    entry("ip-versions-may-mix", "N-SUB-011")(
        "Name servers and routes may be of another IP version.", without(subnet_rules, "require_one_version")
    ),
    entry("pools-may-mix", "N-SUB-013", row="DEF-N-071")(
        "Subnets of a network may come from any pool, or from none.", without(subnet_prefixes, "require_same_pool")
    ),
    entry("pool-ids-are-any-text", "N-SUB-014")(
        "The id of a pool need not be a UUID.", attribute(subnets.RESOURCE, "subnetpool_id", check=lambda value: value)
    ),
    entry("subnets-are-not-told-by-their-gateway", "N-SUB-015")(
        "The filter gateway_ip of the list of subnets is accepted and ignored.",
        unfiltered(subnets.RESOURCE, "gateway_ip"),
    ),
    entry("cidrs-may-be-changed", "N-SUB-016")(
        "An update may name another CIDR.", attribute(subnets.RESOURCE, "cidr", put=True)
    ),
    entry("subnets-leave-their-pool", "N-SUB-016")(
        "An update may take a subnet out of its pool.", attribute(subnets.RESOURCE, "subnetpool_id", put=True)
    ),
    entry("name-servers-are-not-changed", "N-SUB-016")(
        "An update does not change a subnet's name servers.", unchanged(subnets.RESOURCE, "dns_nameservers")
    ),
    entry("addresses-do-not-keep-a-subnet", "N-SUB-017")(
        "A subnet is deleted under the ports that have addresses of it.", replaced(subnets.RESOURCE, "delete", _remove)
    ),
    entry("subnet-can-be-deleted-in-use", "N-AAT-062")(
        "DELETE of a subnet in use removes it with its addresses.", replaced(subnets.RESOURCE, "delete", _remove)
    ),
    entry("gateways-in-use-may-move", "N-SUB-019")(
        "A subnet's gateway may be changed while a router is at it.", without(subnets, "gateway_user")
    ),
    entry("dhcp-needs-no-room", "N-SUB-020")(
        "A /31 may have DHCP.", forgiving(subnet_rules, "require_usable", kind="InvalidInput")
    ),
    entry("modes-go-with-anything", "N-SUB-024")(
        "The modes of IPv6 are not checked.", without(subnet_rules, "require_possible_modes")
    ),
    entry("ranges-may-lie-anywhere", "N-SUB-025")(
        "The allocation pools of a subnet are not checked.", without(subnet_rules, "require_fitting_ranges")
    ),
    entry("gateways-may-be-given-away", "N-SUB-025")(
        "The allocation pools of a subnet may hold its gateway.",
        forgiving(subnet_rules, "require_fitting_ranges", kind="GatewayConflictWithAllocationPools"),
    ),
    entry("subnets-have-no-dhcp", "N-SUB-001")(
        "A subnet that does not say so has no DHCP.", attribute(subnets.RESOURCE, "enable_dhcp", default=False)
    ),
    entry("gateways-are-first", "N-SUB-023")(
        "Addresses before a gateway in the middle are in no allocation pool.",
        changed(addressing, "default_pools", lambda pools: pools[-1:]),
    ),
    entry("unknown-subnets-are-gone", "N-NET-026")(
        "An unknown subnet is answered 410.", refused_with("SubnetNotFound", 410)
    ),
    entry("subnets-may-overlap", "N-SUB-012", row="DEF-N-047")(
        "Subnets of one network may overlap.", without(subnet_prefixes, "refuse_overlap")
    ),
    entry("overlaps-are-conflicts", "N-SUB-012")(
        "A subnet that overlaps another one is refused with 409.",
        refusing(subnet_prefixes, "refuse_overlap")(lambda _problem: error("SubnetInUse", id="another")),
    ),
)


@fault("N-SUB-003", at=_requesting, row="DEF-N-061")
def default_pool_goes_without_saying(values: Values) -> None:
    """A subnet with neither CIDR nor pool is cut from the default pool."""
    if not values.get("cidr") and not values.get("subnetpool_id"):
        values["use_default_subnetpool"] = True


@fault("N-SUB-010", at=around(subnets, "made_of"), row="DEF-N-064")
def subnets_of_pools_have_gateways(right: Wrapper, values: Values, pool: Any, prefix: Any) -> Values:
    """A gateway_ip of null is ignored for a subnet from a pool."""
    if pool is not None and values.get("gateway_ip", "") is None:
        values.pop("gateway_ip")
    return right(values, pool, prefix)  # type: ignore[no-any-return]


@fault("N-SUB-018", at=around(subnets.RESOURCE, "delete"))
def automatic_addresses_keep_a_subnet(right: Wrapper, tx: Connection, caller: Caller, row: Row[Any]) -> None:
    """A subnet is kept by addresses that ports give themselves."""
    if tx.execute(subnets.HOLDERS, {"subnet": row.id}).first() is not None:
        raise error("SubnetInUse", id=row.id)
    right(tx, caller, row)


@fault("N-SUB-024", at=around(subnet_rules, "require_possible_modes"))
def modes_go_with_any_prefix(right: Wrapper, prefix: Any, values: Values) -> None:
    """Ports may give themselves addresses in a prefix that is too long for that."""
    right(prefix.supernet(new_prefix=min(prefix.prefixlen, subnet_rules.EUI64)), values)


@fault("N-SUB-023", at=around(addressing, "default_pools"))
def gateways_are_given_away(right: Wrapper, network: Any, gateway: str | None) -> Any:
    """An IPv4 gateway that is not the first address is in an allocation pool."""
    elsewhere = network.version == 4 and gateway != addressing.default_gateway(network)
    return right(network, None if elsewhere else gateway)


@fault("N-SUB-004", at=around(subnet_prefixes, "pool_and_prefix"))
def pool_decides_on_the_ip_version(right: Wrapper, tx: Connection, caller: Caller, values: Values) -> Any:
    """The IP version of a subnet from a pool is the pool's, whatever was asked for."""
    pool = tables.subnetpools.c.id == values.get("subnetpool_id")
    version = tx.execute(sa.select(tables.subnetpools.c.ip_version).where(pool)).scalar()
    values["ip_version"] = version or values["ip_version"]
    return right(tx, caller, values)
