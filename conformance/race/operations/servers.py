"""Calls that races make for servers: boot them, wait for their builds, look at what they are on, delete them."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from conformance.deadlines import attempts
from conformance.race.engine.caller import Call, Caller
from conformance.race.engine.history import Record
from conformance.race.operations.project_state import Item, items_of, list_project
from conformance.race.operations.topology import DELETE_TOPOLOGY, GET_TOPOLOGY
from conformance.target.soft_delete import FORCE, ForcedDeletes

MICROVERSION = "2.37"  # the first with `networks: auto`
HEADERS = {"OpenStack-API-Version": f"compute {MICROVERSION}", "X-OpenStack-Nova-API-Version": MICROVERSION}

BATCH = 3  # servers in one request: as many as the feature's own acceptance test boots
AMBIGUOUS = 409  # what a request of its own may be told while networks that are not up yet are there (C-CW-01)

CREATE, LIST, SHOW, INTERFACES, DELETE, FORCE_DELETE = (
    "create_servers",
    "list_servers",
    "show_server",
    "list_interfaces",
    "delete_server",
    "force_delete_server",
)


@dataclass(frozen=True)
class Template:
    """What the servers of a race are made of: an image that fits the flavor, and a name.

    `seconds` bounds the wait for all builds, and that for all deletions.
    """

    image_id: str
    flavor_id: str
    name: str
    seconds: float

    def call(self, caller: Caller, *, count: int = 1, networks: str = "auto") -> Call:
        """One request for so many servers."""
        server = {"name": self.name, "imageRef": self.image_id, "flavorRef": self.flavor_id, "networks": networks}
        return Call(caller, CREATE, "POST", url(caller), {"server": {**server, "min_count": count}}, HEADERS)


def url(caller: Caller) -> str:
    return f"{caller.user.endpoints.compute}/servers"


def listed(caller: Caller) -> list[str]:
    """The ids of the project's servers."""
    found = caller.call(LIST, "GET", url(caller), headers=HEADERS)
    return [str(server.get("id")) for server in items_of(found, "servers") or []]


def await_builds(
    caller: Caller, servers: Sequence[str], seconds: float, meanwhile: Callable[[], object] = lambda: None
) -> None:
    """Look at each until its build is over, or it is gone; before each round something else may be done."""
    _await(caller, servers, seconds, _is_over, meanwhile)


def await_gone(caller: Caller, servers: Sequence[str], seconds: float) -> bool:
    """Look at each until it is not to be found; whether they have all gone in time."""

    def force(place: str) -> None:
        caller.call(FORCE_DELETE, "POST", place, json=FORCE, headers=HEADERS)

    ends = ForcedDeletes(force)

    def is_gone(looked: Record) -> bool:
        ends.force_if_kept(f"{url(caller)}/{looked.target}", looked.answer)
        return looked.status == 404

    return _await(caller, servers, seconds, is_gone)


def _await(
    caller: Caller,
    servers: Sequence[str],
    seconds: float,
    over: Callable[[Record], bool],
    meanwhile: Callable[[], object] = lambda: None,
) -> bool:
    """Look at them one after the other, in each round from the first that was not over yet to the next that is not: a
    busy service is asked once a round, however many there are, and the end of the last is seen a round late at most."""
    left = deque(servers)
    for _ in attempts(seconds):
        meanwhile()
        while left and over(show(caller, left[0])):
            left.popleft()
        if not left:
            return True
    return False


def inspect(caller: Caller, servers: Sequence[str]) -> None:
    """What each of them is on, and what the project has."""
    for server in servers:
        caller.call(INTERFACES, "GET", f"{url(caller)}/{server}/os-interface", server, headers=HEADERS)
    list_project(caller)


def conclude(caller: Caller, servers: Sequence[str], seconds: float) -> None:
    """As `inspect`, with the topology asked for; then, under the name of what comes after the race, delete it all."""
    caller.call(GET_TOPOLOGY, "GET", caller.topology_url)
    inspect(caller, servers)
    clear(caller.afterwards, seconds)


def clear(caller: Caller, seconds: float) -> None:
    """Delete all servers and the topology, and list what is left."""
    servers = listed(caller)  # again: one that was not listed at once must not stay
    for server in servers:
        delete(caller, server)
    await_gone(caller, servers, seconds)
    listed(caller)
    caller.call(DELETE_TOPOLOGY, "DELETE", caller.topology_url)
    list_project(caller)


def delete(caller: Caller, server: str) -> Record:
    return caller.call(DELETE, "DELETE", f"{url(caller)}/{server}", server, headers=HEADERS)


def show(caller: Caller, server: str) -> Record:
    return caller.call(SHOW, "GET", f"{url(caller)}/{server}", server, headers=HEADERS)


def shown(record: Record) -> Item:
    """The server in an answer to SHOW, empty when it holds none."""
    server = record.answer.get("server") if record.ok and isinstance(record.answer, dict) else None
    return server if isinstance(server, dict) else {}


def status(record: Record) -> str:
    """The server's status in an answer to SHOW, empty when it holds none."""
    return str(shown(record).get("status", ""))


def _is_over(looked: Record) -> bool:
    return bool(looked.completed) and status(looked) != "BUILD"
