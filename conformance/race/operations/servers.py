"""The calls that races make for servers: boot, wait for builds, list interfaces, delete."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import requests

from conformance.race.engine.caller import Call, Caller
from conformance.race.engine.history import Record
from conformance.race.operations.project_state import Item, items_of, list_project
from conformance.race.operations.topology import DELETE_TOPOLOGY, GET_TOPOLOGY
from conformance.target.deletion import GONE, why_it_stays
from conformance.target.soft_delete import FORCE, ForcedDeletes
from conformance.verdict.signals import Inconclusive
from conformance.waits import Wait

MICROVERSION = "2.37"  # the first with `networks: auto`
HEADERS = {"OpenStack-API-Version": f"compute {MICROVERSION}", "X-OpenStack-Nova-API-Version": MICROVERSION}

BATCH = 3  # servers in one request: as many as the feature's own acceptance test boots
AMBIGUOUS = 409  # a possible answer to a separate boot while networks exist that are not up yet (C-CW-01)

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
    """What the servers of a race are booted from: an image that fits the flavor, and a name.

    `wait` bounds the wait for all builds, and the wait for all deletions.
    """

    image_id: str
    flavor_id: str
    name: str
    wait: Wait

    def call(self, caller: Caller, *, count: int = 1, networks: str = "auto") -> Call:
        """The call that boots so many servers in one request."""
        server = {"name": self.name, "imageRef": self.image_id, "flavorRef": self.flavor_id, "networks": networks}
        return Call(caller, CREATE, "POST", url(caller), {"server": {**server, "min_count": count}}, HEADERS)


def url(caller: Caller) -> str:
    return f"{caller.user.endpoints.compute}/servers"


def list_servers(caller: Caller) -> list[str]:
    """List the project's servers, and return their ids."""
    record = caller.call(LIST, "GET", url(caller), headers=HEADERS)
    return [str(server.get("id")) for server in items_of(record, "servers") or []]


def earlier_ones(caller: Caller) -> list[str]:
    """The ids of servers that an earlier race has left in the project: the next race would take them for its own. Empty
    where the list is not answered. It is not recorded in the history, which is for the races themselves.
    """
    try:
        listed = caller.user.ask("GET", url(caller), headers=HEADERS).json
    except (requests.RequestException, ValueError):
        return []
    servers = listed.get("servers") if isinstance(listed, dict) else None
    return [str(server["id"]) for server in servers or [] if isinstance(server, dict) and "id" in server]


def require_none(caller: Caller) -> None:
    """Raises Inconclusive where there are `earlier_ones`."""
    if ids := earlier_ones(caller):
        raise Inconclusive(f"servers of an earlier race are still there: {', '.join(ids)}")


def await_builds(
    caller: Caller, servers: Sequence[str], wait: Wait, before_round: Callable[[], object] = lambda: None
) -> None:
    """GET each server until its build has ended, or it is gone; `before_round` is called before each round."""
    _await_each(caller, servers, wait, lambda look: bool(look.completed) and status(look) != "BUILD", before_round)


def await_gone(caller: Caller, servers: Sequence[str], wait: Wait) -> bool:
    """GET each server until it answers 404, or shows that it will not be deleted; whether all were gone in time."""
    stay = []

    def force(action_url: str) -> None:
        caller.call(FORCE_DELETE, "POST", action_url, json=FORCE, headers=HEADERS)

    deletes = ForcedDeletes(force)

    def is_gone(look: Record) -> bool:
        deletes.force_if_kept(f"{url(caller)}/{look.target}", look.answer)
        if why_it_stays(look.status, look.answer):
            stay.append(look.target)
            return True
        return look.status == GONE

    return _await_each(caller, servers, wait, is_gone) and not stay


def _await_each(
    caller: Caller,
    servers: Sequence[str],
    wait: Wait,
    is_over: Callable[[Record], bool],
    before_round: Callable[[], object] = lambda: None,
) -> bool:
    """GET the servers one after the other until `is_over` holds for each; whether it did so in time. A round ends at
    the first server for which it does not hold: a busy service gets about one call a round, whatever the number of
    servers, and the last end is noticed at most a round late.
    """
    pending = deque(servers)
    for _ in wait.attempts():
        before_round()
        while pending and is_over(show(caller, pending[0])):
            pending.popleft()
        if not pending:
            return True
    return False


def inspect(caller: Caller, servers: Sequence[str]) -> None:
    """List the interfaces of each server, and what the project has."""
    for server in servers:
        caller.call(INTERFACES, "GET", f"{url(caller)}/{server}/os-interface", server, headers=HEADERS)
    list_project(caller)


def inspect_and_clear(caller: Caller, servers: Sequence[str], wait: Wait) -> None:
    """GET the topology and `inspect`; then `clear`, under the name of what comes after the race."""
    caller.call(GET_TOPOLOGY, "GET", caller.topology_url)
    inspect(caller, servers)
    clear(caller.afterwards, wait)


def clear(caller: Caller, wait: Wait) -> None:
    """Delete all servers and the topology, and list what is left."""
    servers = list_servers(caller)  # once more, as one may not have been listed before
    for server in servers:
        delete(caller, server)
    await_gone(caller, servers, wait)
    list_servers(caller)
    caller.call(DELETE_TOPOLOGY, "DELETE", caller.topology_url)
    list_project(caller)


def delete(caller: Caller, server: str) -> Record:
    return caller.call(DELETE, "DELETE", f"{url(caller)}/{server}", server, headers=HEADERS)


def show(caller: Caller, server: str) -> Record:
    return caller.call(SHOW, "GET", f"{url(caller)}/{server}", server, headers=HEADERS)


def server_in(record: Record) -> Item:
    """The server in an answer to SHOW, empty where there is none."""
    server = record.answer.get("server") if record.ok and isinstance(record.answer, dict) else None
    return server if isinstance(server, dict) else {}


def status(record: Record) -> str:
    """The server's status in an answer to SHOW, empty where there is none."""
    return str(server_in(record).get("status", ""))
