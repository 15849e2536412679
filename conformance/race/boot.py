"""The race that one user runs against oneself: several servers booted by one request in a project without a network."""

from dataclasses import dataclass

from conformance.race.caller import Caller
from conformance.race.history import AFTERWARDS, Record
from conformance.race.holdings import Item, items_of, take
from conformance.race.invariants import DELETE_TOPOLOGY, GET_TOPOLOGY
from conformance.race.observer import Observer
from conformance.race.topology import topology_url
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


@dataclass(frozen=True)
class Cloud:
    """Where to boot, and what: endpoints without trailing slash, ids of an image and of a flavor that fits it."""

    network_url: str
    compute_url: str
    image_id: str
    flavor_id: str


def run(caller: Caller, cloud: Cloud, name: str, *, build_seconds: float) -> None:
    """Boot BATCH servers at once, look at them when their builds are over, then delete everything again.

    What was left when the servers ran is inventoried in the caller's race, what remains at the end in the race of
    that name followed by AFTERWARDS. `build_seconds` bounds the wait for all builds, and that for all deletions.
    """
    with Observer(caller, cloud.network_url, build_seconds) as observer:
        observer.start()
        created = _create(caller, cloud, name)
        servers = _list(caller, cloud) if created.ok else []
        _await_builds(caller, cloud, servers, build_seconds)
    for server in servers:
        caller.call(INTERFACES, "GET", f"{cloud.compute_url}/servers/{server}/os-interface", server, headers=HEADERS)
    caller.call(GET_TOPOLOGY, "GET", topology_url(cloud.network_url, caller.project))
    take(caller, cloud.network_url)
    _delete(caller.within(caller.race + AFTERWARDS), cloud, build_seconds)


def _create(caller: Caller, cloud: Cloud, name: str) -> Record:
    server = {
        "name": name,
        "imageRef": cloud.image_id,
        "flavorRef": cloud.flavor_id,
        "networks": "auto",
        "min_count": BATCH,
    }
    return caller.call(CREATE, "POST", f"{cloud.compute_url}/servers", headers=HEADERS, json={"server": server})


def _list(caller: Caller, cloud: Cloud) -> list[str]:
    listed = caller.call(LIST, "GET", f"{cloud.compute_url}/servers", headers=HEADERS)
    return [str(server.get("id")) for server in items_of(listed, "servers") or []]


def _await_builds(caller: Caller, cloud: Cloud, servers: list[str], seconds: float) -> None:
    building = set(servers)
    for _ in attempts(seconds):
        building -= {server for server in building if status(_show(caller, cloud, server)) not in ("BUILD", "")}
        if not building:
            return


def _delete(caller: Caller, cloud: Cloud, seconds: float) -> None:
    servers = _list(caller, cloud)  # again: one that was not listed at once must not stay
    for server in servers:
        caller.call(DELETE, "DELETE", f"{cloud.compute_url}/servers/{server}", server, headers=HEADERS)
    there = set(servers)
    for _ in attempts(seconds):
        there -= {server for server in there if _show(caller, cloud, server).status == 404}
        if not there:
            break
    caller.call(DELETE_TOPOLOGY, "DELETE", topology_url(cloud.network_url, caller.project))
    take(caller, cloud.network_url)


def _show(caller: Caller, cloud: Cloud, server: str) -> Record:
    return caller.call(SHOW, "GET", f"{cloud.compute_url}/servers/{server}", server, headers=HEADERS)


def status(shown: Record) -> str:
    """The server's status in an answer to SHOW, empty when it holds none."""
    server: Item = shown.answer.get("server") or {} if shown.ok and isinstance(shown.answer, dict) else {}
    return str(server.get("status", ""))
