"""Faults in answers that name objects which are gone, or show a server as it was before."""

from collections.abc import Callable

from reference.catalogue import Plant
from reference.faults.catalogue import entry, table
from reference.faults.in_passing import STATE, TASK
from reference.faults.outside import Item, Outgoing, leaving

Named = Callable[[Item], set[str]]  # the ids of the objects of another kind that an item names
AS_BEFORE: Item = {
    "status": "BUILD",
    STATE: "building",
    TASK: "spawning",
    "addresses": {},
    "OS-SRV-USG:launched_at": None,
    "OS-EXT-STS:power_state": 0,
}


class _Ghosts:
    """Items that still name, in that field, objects which are gone."""

    def __init__(self, singular: str, plural: str, field: str, path: str, named: Named) -> None:
        self._names, self._field, self._path, self._named = (singular, plural), field, path, named
        self._gone: set[str] = set()
        self._shown: dict[str, Item] = {}

    def work(self, outgoing: Outgoing) -> None:
        collection, _, id_ = outgoing.path.rstrip("/").rpartition("/")
        if outgoing.method == "DELETE" and outgoing.ok and collection.endswith(self._path):
            self._gone.add(id_)
        for item in outgoing.items(*self._names):
            if self._field not in item or "id" not in item:
                continue
            before = self._shown.setdefault(item["id"], {})
            if self._named(before) & self._gone:
                item[self._field] = before[self._field]
            else:
                before[self._field] = item[self._field]


def _haunted(singular: str, plural: str, field: str, path: str, named: Named) -> Plant:
    return lambda: leaving(_Ghosts(singular, plural, field, path, named).work)()


def _subnets(network: Item) -> set[str]:
    return set(network.get("subnets", ()))


def _port(floating_ip: Item) -> set[str]:
    return {str(floating_ip.get("port_id"))}


def _subnets_of_addresses(port: Item) -> set[str]:
    return {str(entry.get("subnet_id")) for entry in port.get("fixed_ips", ())}


def _building_again(look: int) -> Plant:
    """Let the `look`-th answer that shows a running server show it as it was during its build."""

    def plant() -> None:
        looks: dict[str, int] = {}

        def work(outgoing: Outgoing) -> None:
            for server in outgoing.items("server", "servers") if outgoing.method == "GET" else ():
                if server.get(STATE) == "active" and not server.get(TASK):
                    looks[server["id"]] = looks.get(server["id"], 0) + 1
                    if looks[server["id"]] == look:
                        server.update({name: value for name, value in AS_BEFORE.items() if name in server})

        leaving(work)()

    return plant


table(
    entry("networks-keep-subnets-that-are-gone", "N-OBJ-013", "N-SUB-018")(
        "A network still shows the ids of deleted subnets.",
        _haunted("network", "networks", "subnets", "/subnets", _subnets),
    ),
    entry("floating-ips-keep-ports-that-are-gone", "N-OBJ-013", "N-RTR-026")(
        "A floating IP still shows its deleted port.",
        _haunted("floatingip", "floatingips", "port_id", "/ports", _port),
    ),
    entry("ports-keep-addresses-of-subnets-that-are-gone", "N-OBJ-013", "N-SUB-018")(
        "A port still shows the addresses that it had on a deleted subnet.",
        _haunted("port", "ports", "fixed_ips", "/subnets", _subnets_of_addresses),
    ),
    entry("servers-are-built-again", "C-OBJ-012")(
        "The second look at a server that runs shows it as being built.", _building_again(2)
    ),
    entry("servers-are-built-once-more-in-a-while", "C-OBJ-012")(
        "The fourth look at a server that runs shows it as being built.", _building_again(4)
    ),
)
