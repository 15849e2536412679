"""The race that one user runs against oneself: several servers booted by one request in a project without a network."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from conformance.race.caller import Caller, Shot, together
from conformance.race.history import AFTERWARDS, Record
from conformance.race.holdings import Item, items_of, take
from conformance.race.invariants import DELETE_TOPOLOGY, GET_TOPOLOGY
from conformance.race.observer import Observer
from conformance.timeouts import attempts

BATCH = 3  # servers in one request: as many as the feature's own acceptance test boots
MICROVERSION = "2.37"  # the first with `networks: auto`
HEADERS = {"OpenStack-API-Version": f"compute {MICROVERSION}", "X-OpenStack-Nova-API-Version": MICROVERSION}

CREATE, LIST, SHOW, INTERFACES, DELETE = (
    "create_servers",
    "list_servers",
    "show_server",
    "list_interfaces",
    "delete_server",
)


def run(caller: Caller, *, image_id: str, flavor_id: str, name: str, build_seconds: float) -> None:
    """Boot BATCH servers at once, look at them when their builds are over, then delete everything again.

    The image has to fit the flavor. What the project has when the servers run is listed in the caller's race, what it
    has at the end in the race of that name followed by AFTERWARDS. `build_seconds` bounds the wait for all builds, and
    that for all deletions.
    """
    with Observer(caller, build_seconds) as observer:
        observer.start()
        [created] = together([_create(caller, image_id, flavor_id, name)])
        servers = _list(caller) if created.ok else []
        _await_builds(caller, servers, build_seconds)
    _conclude(caller, servers, build_seconds)


def run_together(callers: Sequence[Caller], *, image_id: str, flavor_id: str, name: str, build_seconds: float) -> None:
    """As `run`, for several projects: their requests are released at once, and each is followed in a thread."""
    created = together([_create(caller, image_id, flavor_id, name) for caller in callers])

    def follow(caller: Caller, accepted: bool) -> None:
        servers = _list(caller) if accepted else []
        _await_builds(caller, servers, build_seconds)
        _conclude(caller, servers, build_seconds)

    with ThreadPoolExecutor(len(callers)) as pool:
        for done in [pool.submit(follow, caller, one.ok) for caller, one in zip(callers, created, strict=True)]:
            done.result()


def _conclude(caller: Caller, servers: Sequence[str], build_seconds: float) -> None:
    """Look at what there is once the builds are over, then delete everything."""
    for server in servers:
        caller.call(INTERFACES, "GET", f"{_servers(caller)}/{server}/os-interface", server, headers=HEADERS)
    caller.call(GET_TOPOLOGY, "GET", caller.topology_url)
    take(caller)
    _delete(caller.within(caller.race + AFTERWARDS), build_seconds)


def _servers(caller: Caller) -> str:
    return f"{caller.user.endpoints.compute}/servers"


def _create(caller: Caller, image_id: str, flavor_id: str, name: str) -> Shot:
    server = {"name": name, "imageRef": image_id, "flavorRef": flavor_id, "networks": "auto", "min_count": BATCH}
    return Shot(caller, CREATE, "POST", _servers(caller), {"server": server}, HEADERS)


def _list(caller: Caller) -> list[str]:
    listed = caller.call(LIST, "GET", _servers(caller), headers=HEADERS)
    return [str(server.get("id")) for server in items_of(listed, "servers") or []]


def _await_builds(caller: Caller, servers: list[str], seconds: float) -> None:
    building = set(servers)
    for _ in attempts(seconds):
        building -= {server for server in building if _is_over(_show(caller, server))}
        if not building:
            return


def _is_over(shown: Record) -> bool:
    return bool(shown.completed) and status(shown) != "BUILD"


def _delete(caller: Caller, seconds: float) -> None:
    servers = _list(caller)  # again: one that was not listed at once must not stay
    for server in servers:
        caller.call(DELETE, "DELETE", f"{_servers(caller)}/{server}", server, headers=HEADERS)
    there = set(servers)
    for _ in attempts(seconds):
        there -= {server for server in there if _show(caller, server).status == 404}
        if not there:
            break
    _list(caller)
    caller.call(DELETE_TOPOLOGY, "DELETE", caller.topology_url)
    take(caller)


def _show(caller: Caller, server: str) -> Record:
    return caller.call(SHOW, "GET", f"{_servers(caller)}/{server}", server, headers=HEADERS)


def status(shown: Record) -> str:
    """The server's status in an answer to SHOW, empty when it holds none."""
    server: Item = shown.answer.get("server") or {} if shown.ok and isinstance(shown.answer, dict) else {}
    return str(server.get("status", ""))
