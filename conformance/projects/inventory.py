"""Inventories of a project: what it has, what is new since an earlier one, and how to remove that."""

from collections.abc import Callable, Collection, Iterable, Mapping
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
TOPOLOGY = "auto-allocated-topology"  # whose GET creates it
AUTO_NETWORK = "auto_allocated_network"  # of a topology; one with another name is removed like any network
# The kinds that tests create, without subnets, which are deleted with their network. Between two tests these are enough
# in a project that the run has made: before such a project is deleted, all kinds are listed.
USUAL = (SERVERS, FLOATING_IPS, ROUTERS, PORTS, NETWORKS, POOLS)

BEFORE_TOPOLOGY = (NETWORKS, FLOATING_IPS)  # listed before a topology is deleted, as that might delete them, too

GONE, STAYS = "gone", "stays"
OF_AGENTS = ("network:dhcp", "network:distributed")  # owners of ports that come and go by themselves
LOOK = 4  # in every fourth round servers that are still listed are read by GET, as the list does not show their task

Items = Mapping[str, Mapping[str, str]]  # kind -> id -> name


@dataclass(frozen=True)
class Inventory:
    """A project's servers, and its Networking objects that users can create, without the default security group."""

    items: Items

    def of(self, kind: str) -> Mapping[str, str]:
        """The items of a kind: id -> name."""
        return self.items.get(kind, {})

    @property
    def empty(self) -> bool:
        return not self.kinds

    @property
    def kinds(self) -> list[str]:
        """The kinds of which there are items."""
        return [kind for kind, items in self.items.items() if items]

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


def ports_without_agents(account: Account) -> frozenset[str]:
    """The ids of the project's ports, without those that agents have on its networks. Raises ApiError."""
    ports = _list(account, PORTS, "&fields=device_owner")
    return frozenset(str(port["id"]) for port in ports if port.get("device_owner") not in OF_AGENTS)


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


@dataclass(frozen=True)
class Removal:
    """`new`: what was new and had to be removed, without servers. `remaining`: what is still there, of all kinds."""

    new: Inventory
    remaining: Inventory


def remove_new(
    account: Account,
    before: Inventory,
    kinds: Collection[str] = KINDS,
    present: Callable[[Collection[str]], Collection[str]] = lambda kinds: kinds,
    known: Callable[[], Inventory] = lambda: NOTHING,
) -> Removal:
    """Remove what is new in the project since `before`, of these kinds; what remains is as of the deadline.

    Servers go first, as the rest depends on them; then the topology, with which most of the rest should go.
    `present(kinds)` are the kinds of which the project has something, and is called before each listing. `known()` is
    what the test's calls have created, a topology by its project: it is deleted first, so that one listing is enough
    afterwards. Raises ApiError.
    """
    forced_deletes = ForcedDeletes(partial(_call_if_possible, account, "POST", body=FORCE))
    remaining_kinds = remove_known(account, before, kinds, known, forced_deletes)
    new, remaining = _remove_topology(account, before, remaining_kinds, present)
    if remaining.empty:
        return Removal(new, remaining)
    for _ in account.waits.attempts("settle"):
        if remaining.of(PORTS):
            _force_owners(account, forced_deletes)
        _remove_once(account, remaining)
        # nothing is added during the removal
        remaining = take_inventory(account, present(remaining.kinds)).added_since(before)
        if remaining.empty or SERVERS in remaining_kinds:  # remaining servers have had their deadline
            break
    return Removal(new, remaining)


def remove_known(
    account: Account,
    before: Inventory,
    kinds: Collection[str],
    known: Callable[[], Inventory],
    forced_deletes: ForcedDeletes | None = None,
) -> list[str]:
    """Remove all servers, then try once to remove the other known objects. Returns the kinds to look at afterwards:
    all, but without servers if these are gone. Raises ApiError.
    """
    forced_deletes = forced_deletes or ForcedDeletes(partial(_call_if_possible, account, "POST", body=FORCE))
    servers = known().of(SERVERS)
    remaining = [
        kind for kind in kinds if kind != SERVERS or not _remove_servers(account, before, servers, forced_deletes)
    ]
    known_now = known()
    for server in known_now.of(SERVERS):
        _end(account, server, forced_deletes)  # the server may be soft-deleted, and keep its ports
    _remove_once(account, Inventory({kind: known_now.of(kind) for kind in remaining if kind not in (SERVERS, SUBNETS)}))
    if known_now.of(TOPOLOGY):
        _delete_topology(account)
    return remaining


def _remove_topology(
    account: Account,
    before: Inventory,
    kinds: Collection[str],
    present: Callable[[Collection[str]], Collection[str]],
) -> tuple[Inventory, Inventory]:
    """(what is new of these kinds, what of it is left after its topology, if any, was deleted). Without a topology no
    DELETE is sent: Networking may first build one for it, which takes seconds.
    """
    present_kinds = present(kinds)
    first = take_inventory(account, [kind for kind in present_kinds if kind in BEFORE_TOPOLOGY]).added_since(before)
    remaining = first
    if AUTO_NETWORK in first.of(NETWORKS).values():
        _delete_topology(account)
        present_kinds = present(kinds)
        remaining = take_inventory(account, [kind for kind in first.kinds if kind in present_kinds]).added_since(before)
    others = take_inventory(account, [kind for kind in present_kinds if kind not in BEFORE_TOPOLOGY]).added_since(
        before
    )
    return Inventory({**others.items, **first.items}), Inventory({**others.items, **remaining.items})


def _delete_topology(account: Account) -> None:
    _call_if_possible(account, "DELETE", f"{account.endpoints.network}/v2.0/{TOPOLOGY}/{account.project_id}")


def _remove_servers(account: Account, before: Inventory, known: Collection[str], forced_deletes: ForcedDeletes) -> bool:
    """Delete the servers that are `known`, and those that are new since `before`; whether all were gone by the
    deadline. Returns early if a server will not be deleted, even by a second DELETE: a busy cloud may have refused the
    first, or lost it during the build. Only GET by its id shows a soft-deleted server, no list does.
    """
    pending: set[str] = set()  # deleted, and not yet seen to be gone
    repeated: set[str] = set()  # are deleted once more

    def delete(servers: Iterable[str]) -> None:
        for server in servers:
            if server not in pending:
                _call_if_possible(account, "DELETE", f"{account.endpoints.compute}/servers/{server}")
                pending.add(server)

    delete(known)
    for number, _ in enumerate(account.waits.attempts("server_build"), 1):
        listed = take_inventory(account, [SERVERS]).added_since(before).of(SERVERS)
        delete(listed)
        looked_for = () if listed and number % LOOK else listed or pending
        ends = {server: _end(account, server, forced_deletes) for server in looked_for}
        staying = {server for server, end in ends.items() if end == STAYS}
        if staying & repeated:
            return False
        repeated |= staying
        pending -= staying | {server for server, end in ends.items() if end == GONE}
        delete(staying)
        if not listed and not pending:
            return True
    return False


def _end(account: Account, server: str, forced_deletes: ForcedDeletes) -> str:
    """What became of a server that was deleted: GONE or STAYS where that is certain, else empty."""
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
    """Try once to remove everything, each object before those that it depends on."""
    network = f"{account.endpoints.network}/v2.0"
    for server in new.of(SERVERS):
        _call_if_possible(account, "DELETE", f"{account.endpoints.compute}/servers/{server}")
    for router in new.of(ROUTERS):  # a router with routes, a gateway or interfaces cannot be deleted
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
