"""Inventories of a project: what it has, what is new since an earlier one, and how to remove that."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from conformance.target import responses
from conformance.target.cloud import Account, ApiError
from conformance.target.deletion import GONE as NOT_FOUND
from conformance.target.deletion import why_it_stays
from conformance.target.soft_delete import FORCE, ForcedDeletes

SERVERS, NETWORKS, ROUTERS, PORTS = "servers", "networks", "routers", "ports"
FLOATING_IPS, SUBNETS, POOLS, GROUPS = "floatingips", "subnets", "subnetpools", "security-groups"
ALWAYS_THERE = (NETWORKS, SUBNETS, PORTS)  # the others are extensions, which a cloud may not have
NETWORK_KINDS = (FLOATING_IPS, ROUTERS, PORTS, SUBNETS, NETWORKS, POOLS, GROUPS)
KINDS = (SERVERS, *NETWORK_KINDS)
AUTO_NETWORK = "auto_allocated_network"  # of a topology; one with another name is removed like any network
# What tests bring about, without subnets, which go with their network. Between two tests in a project that the run has
# made these are enough, as all kinds are listed before such a project is deleted.
USUAL = (SERVERS, FLOATING_IPS, ROUTERS, PORTS, NETWORKS, POOLS)

GONE, STAYS = "gone", "stays"
SECOND_LOOK = 3  # of the looks at what is being deleted: one that shows each server, as the lists do not show tasks

Items = Mapping[str, Mapping[str, str]]  # kind -> id -> name


@dataclass(frozen=True)
class Inventory:
    """Servers and all Networking objects that a user can make, without the default security group."""

    items: Items

    def of(self, kind: str) -> Mapping[str, str]:
        """The items of a kind: id -> name."""
        return self.items.get(kind, {})

    @property
    def empty(self) -> bool:
        return not any(self.items.values())

    def added_since(self, before: "Inventory") -> "Inventory":
        """What is in this one and not in the other."""
        return Inventory(
            {
                kind: {id_: name for id_, name in items.items() if id_ not in before.of(kind)}
                for kind, items in self.items.items()
            }
        )

    def __str__(self) -> str:
        """Such as: 1 network, 2 ports."""
        counts = [(len(items), kind.replace("-", " ")) for kind, items in self.items.items() if items]
        return ", ".join(f"{count} {kind if count > 1 else kind.removesuffix('s')}" for count, kind in counts)


NOTHING = Inventory({})


def take_inventory(account: Account, kinds: Collection[str] = KINDS) -> Inventory:
    """What the account's project has of these kinds; several lists are requested at once. Raises ApiError."""
    return Inventory(dict(zip(kinds, account.side_by_side(partial(_items, account), kinds), strict=True)))


def _items(account: Account, kind: str) -> dict[str, str]:
    """id -> name."""
    if kind == SERVERS:
        items = responses.items(account, f"{account.endpoints.compute}/servers", SERVERS)
    else:
        items = [item for item in _list(account, kind) if kind != GROUPS or item.get("name") != "default"]
    return {item["id"]: str(item.get("name", "")) for item in items}


def _list(account: Account, kind: str, query: str = "") -> list[dict[str, Any]]:
    fields = "fields=id&fields=name" if kind != FLOATING_IPS else "fields=id&fields=floating_ip_address"
    url = f"{account.endpoints.network}/v2.0/{kind}?project_id={account.project_id}&{fields}{query}"
    try:
        items = responses.items(account, url, kind.replace("-", "_"))
    except ApiError as error:
        if error.status == 404 and kind not in ALWAYS_THERE:
            return []
        raise
    return [{"name": item.get("floating_ip_address", ""), **item} for item in items]


def remove_new(account: Account, before: Inventory, kinds: Collection[str] = KINDS) -> Inventory:
    """Remove what of these kinds is new in the project since `before`; the inventory of what is left at the deadline.

    Servers go first, as the rest depends on them; then the topology, with which most of the rest should go. Raises
    ApiError.
    """
    forced_deletes = ForcedDeletes(partial(_call_if_possible, account, "POST", body=FORCE))
    remaining = [kind for kind in kinds if kind != SERVERS or not _remove_servers(account, before, forced_deletes)]
    new = _remove_topology(account, before, remaining)
    if new.empty:
        return new
    for _ in account.waits.attempts("settle"):
        if new.of(PORTS):
            _force_owners(account, forced_deletes)
        _remove_once(account, new)
        new = _still_there(account, before, new)
        if new.empty or SERVERS in remaining:  # what servers hang on has been waited for
            break
    return new


def _remove_topology(account: Account, before: Inventory, kinds: Collection[str]) -> Inventory:
    """What is new of these kinds, after a topology among it was deleted.

    Without a topology there is no DELETE: Networking may first build one then, which takes seconds.
    """
    networks = take_inventory(account, [kind for kind in kinds if kind == NETWORKS]).added_since(before)
    if AUTO_NETWORK in networks.of(NETWORKS).values():
        url = f"{account.endpoints.network}/v2.0/auto-allocated-topology/{account.project_id}"
        _call_if_possible(account, "DELETE", url)
        networks = _still_there(account, before, networks)
    others = take_inventory(account, [kind for kind in kinds if kind != NETWORKS]).added_since(before)
    return Inventory({**others.items, **networks.items})


def _still_there(account: Account, before: Inventory, new: Inventory) -> Inventory:
    """What is left of `new`, by lists of its kinds alone, as nothing is added during the removal."""
    return take_inventory(account, [kind for kind, items in new.items.items() if items]).added_since(before)


def _remove_servers(account: Account, before: Inventory, forced_deletes: ForcedDeletes) -> bool:
    """Delete the servers that are new since `before`; whether they were gone by the deadline, or as soon as one shows
    that it will not be.

    A soft-deleted server is in no list any more, and GET by its id shows it.
    """
    deleted: set[str] = set()
    for number, _ in enumerate(account.waits.attempts("server_build")):
        listed = take_inventory(account, [SERVERS]).added_since(before).of(SERVERS)
        deleted |= listed.keys()
        for server in listed if number == 0 else ():
            _call_if_possible(account, "DELETE", f"{account.endpoints.compute}/servers/{server}")
        looked_for = listed if number == SECOND_LOOK else () if listed else deleted
        ends = {server: _end(account, server, forced_deletes) for server in looked_for}
        deleted -= {server for server, end in ends.items() if end == GONE}
        if STAYS in ends.values():
            return False
        if not listed and not deleted:
            return True
    return False


def _end(account: Account, server: str, forced_deletes: ForcedDeletes) -> str:
    """GONE or STAYS where one of them is certain of a server that was deleted, else empty."""
    url = f"{account.endpoints.compute}/servers/{server}"
    try:
        answer = account.call("GET", url)
    except ApiError as error:
        return GONE if error.status == NOT_FOUND else STAYS if why_it_stays(error.status, None) else ""
    forced_deletes.force_if_kept(url, answer)
    return STAYS if why_it_stays(None, answer) else ""


def _force_owners(account: Account, forced_deletes: ForcedDeletes) -> None:
    """Force the deletion of soft-deleted servers whose ports are left: a test may have deleted them itself."""
    with suppress(ApiError):
        for port in _list(account, PORTS, "&fields=device_id&fields=device_owner"):
            if str(port.get("device_owner")).startswith("compute:"):
                _end(account, str(port.get("device_id")), forced_deletes)


def _remove_once(account: Account, new: Inventory) -> None:
    """One attempt at removing everything, objects before those that they depend on."""
    network = f"{account.endpoints.network}/v2.0"
    for server in new.of(SERVERS):
        _call_if_possible(account, "DELETE", f"{account.endpoints.compute}/servers/{server}")
    for router in new.of(ROUTERS):  # which cannot be deleted with routes, a gateway or interfaces
        url = f"{network}/routers/{router}"
        _call_if_possible(account, "PUT", url, {"router": {"routes": [], "external_gateway_info": {}}})
        with suppress(ApiError):
            for port in _list(account, PORTS, f"&device_id={router}"):
                _call_if_possible(account, "PUT", f"{url}/remove_router_interface", {"port_id": port["id"]})
    for kind in NETWORK_KINDS:
        for id_ in new.of(kind):
            _call_if_possible(account, "DELETE", f"{network}/{kind}/{id_}")


def _call_if_possible(account: Account, method: str, url: str, body: Any = None) -> None:
    """Make a call and ignore errors: it may succeed when something else is gone, and what is left is seen later."""
    with suppress(ApiError):
        account.call(method, url, body)
