"""What a project holds, what has come to it since, and how to take that away again."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from conformance.deadlines import attempts
from conformance.target import responses
from conformance.target.cloud import Account, ApiError
from conformance.target.soft_delete import FORCE, ForcedDeletes

SERVERS, NETWORKS, ROUTERS, PORTS = "servers", "networks", "routers", "ports"
FLOATING_IPS, SUBNETS, POOLS, GROUPS = "floatingips", "subnets", "subnetpools", "security-groups"
ALWAYS_THERE = (NETWORKS, SUBNETS, PORTS)  # the others are extensions, which a cloud may do without
NETWORK_KINDS = (FLOATING_IPS, ROUTERS, PORTS, SUBNETS, NETWORKS, POOLS, GROUPS)
KINDS = (SERVERS, *NETWORK_KINDS)
AUTO_NETWORK = "auto_allocated_network"  # of a topology; one that is called otherwise goes as any other does
# What the tests make, or get made, but for subnets, which go with their network: enough between two tests in a project
# of the run's own, which is looked at as a whole before it is deleted.
USUAL = (SERVERS, FLOATING_IPS, ROUTERS, PORTS, NETWORKS, POOLS)

Items = Mapping[str, Mapping[str, str]]  # kind -> id -> name


@dataclass(frozen=True)
class Inventory:
    """Servers, and all of Networking that a user can make; the default security group is no one's doing."""

    items: Items

    def of(self, kind: str) -> Mapping[str, str]:
        """The items of a kind: id -> name."""
        return self.items.get(kind, {})

    @property
    def empty(self) -> bool:
        return not any(self.items.values())

    def beyond(self, before: "Inventory") -> "Inventory":
        """What is in this one and was not in the other."""
        return Inventory(
            {
                kind: {id_: name for id_, name in here.items() if id_ not in before.of(kind)}
                for kind, here in self.items.items()
            }
        )

    def __str__(self) -> str:
        """Such as: 1 network, 2 ports."""
        counts = [(len(here), kind.replace("-", " ")) for kind, here in self.items.items() if here]
        return ", ".join(f"{count} {kind if count > 1 else kind.removesuffix('s')}" for count, kind in counts)


NOTHING = Inventory({})


def take(account: Account, kinds: Collection[str] = KINDS) -> Inventory:
    """Look at the account's project, at several kinds at once. Raises ApiError."""
    return Inventory(dict(zip(kinds, account.side_by_side(partial(_items, account), kinds), strict=True)))


def _items(account: Account, kind: str) -> dict[str, str]:
    if kind == SERVERS:
        found = responses.items(account, f"{account.endpoints.compute}/servers", SERVERS)
    else:
        found = [item for item in _list(account, kind) if not _is_default_group(kind, item)]
    return {item["id"]: str(item.get("name", "")) for item in found}


def _list(account: Account, kind: str, query: str = "") -> list[dict[str, Any]]:
    fields = "fields=id&fields=name" if kind != FLOATING_IPS else "fields=id&fields=floating_ip_address"
    url = f"{account.endpoints.network}/v2.0/{kind}?project_id={account.project_id}&{fields}{query}"
    try:
        found = responses.items(account, url, kind.replace("-", "_"))
    except ApiError as wrong:
        if wrong.status == 404 and kind not in ALWAYS_THERE:
            return []
        raise
    return [{"name": item.get("floating_ip_address", ""), **item} for item in found]


def _is_default_group(kind: str, item: Mapping[str, Any]) -> bool:
    return kind == GROUPS and item.get("name") == "default"


def restore(account: Account, before: Inventory, kinds: Collection[str] = KINDS) -> Inventory:
    """Take away what of these kinds has come to the project since `before`; what could not be taken away in time.

    The servers go first, as the rest hangs on them; then the topology, which should take most of that with it.
    """
    ends = ForcedDeletes(partial(_try, account, "POST", body=FORCE))
    left = [kind for kind in kinds if kind != SERVERS or not _without_servers(account, before, ends)]
    extra = _without_topology(account, before, left)
    for _ in attempts(account.deadlines.settle):
        if extra.empty:
            break
        if extra.of(PORTS):
            _see_owners(account, ends)
        _remove(account, extra)
        extra = _again(account, before, extra)
    return extra


def _without_topology(account: Account, before: Inventory, kinds: Collection[str]) -> Inventory:
    """What has come of these kinds, after the end of a topology among it was asked for.

    It is never asked for where none can be seen: Networking may build one then, to take that away, which takes seconds.
    """
    networks = take(account, [kind for kind in kinds if kind == NETWORKS]).beyond(before)
    if AUTO_NETWORK in networks.of(NETWORKS).values():
        _try(account, "DELETE", f"{account.endpoints.network}/v2.0/auto-allocated-topology/{account.project_id}")
        networks = _again(account, before, networks)
    others = take(account, [kind for kind in kinds if kind != NETWORKS]).beyond(before)
    return Inventory({**others.items, **networks.items})


def _again(account: Account, before: Inventory, extra: Inventory) -> Inventory:
    """What is left of the extra: a look at its kinds alone, for nothing new comes while it is taken away."""
    return take(account, [kind for kind, items in extra.items.items() if items]).beyond(before)


def _without_servers(account: Account, before: Inventory, ends: ForcedDeletes) -> bool:
    """Delete the servers that have come since, and wait until they are gone, which may take too long.

    One that no list shows any more may be kept all the same: then its id tells.
    """
    asked: set[str] = set()
    for number, _ in enumerate(attempts(account.deadlines.server_build)):
        here = take(account, [SERVERS]).beyond(before).of(SERVERS)
        asked |= here.keys()
        for server in here if number == 0 else ():
            _try(account, "DELETE", f"{account.endpoints.compute}/servers/{server}")
        if not here:
            asked = {server for server in asked if not _is_gone(account, server, ends)}
            if not asked:
                return True
    return False


def _is_gone(account: Account, server: str, ends: ForcedDeletes) -> bool:
    url = f"{account.endpoints.compute}/servers/{server}"
    try:
        ends.force_if_kept(url, account.call("GET", url))
    except ApiError as wrong:
        return wrong.status == 404
    return False


def _see_owners(account: Account, ends: ForcedDeletes) -> None:
    """Ports may be there for servers that a test has deleted and that are kept."""
    with suppress(ApiError):
        for port in _list(account, PORTS, "&fields=device_id&fields=device_owner"):
            if str(port.get("device_owner")).startswith("compute:"):
                _is_gone(account, str(port.get("device_id")), ends)


def _remove(account: Account, extra: Inventory) -> None:
    """One go at taking everything away, in the order of what hangs on what."""
    network = f"{account.endpoints.network}/v2.0"
    for server in extra.of(SERVERS):
        _try(account, "DELETE", f"{account.endpoints.compute}/servers/{server}")
    for router in extra.of(ROUTERS):
        _unplug(account, network, router)
    for kind in NETWORK_KINDS:
        for id_ in extra.of(kind):
            _try(account, "DELETE", f"{network}/{kind}/{id_}")


def _unplug(account: Account, network: str, router: str) -> None:
    """Take a router's routes, gateway and interfaces away, without which it cannot be deleted."""
    nothing: dict[str, Any] = {"router": {"routes": [], "external_gateway_info": {}}}
    _try(account, "PUT", f"{network}/routers/{router}", nothing)
    for port in _ports_of(account, router):
        _try(account, "PUT", f"{network}/routers/{router}/remove_router_interface", {"port_id": port})


def _ports_of(account: Account, router: str) -> Iterator[str]:
    with suppress(ApiError):
        yield from (port["id"] for port in _list(account, PORTS, f"&device_id={router}"))


def _try(account: Account, method: str, url: str, body: Any = None) -> None:
    """What is refused now may go through when something else is gone, and shows up as left over if it never does."""
    with suppress(ApiError):
        account.call(method, url, body)
