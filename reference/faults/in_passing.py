"""Faults that answers show in passing: while something is being made or goes, or after it is gone."""

import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count
from typing import Any
from wsgiref.types import WSGIEnvironment

from reference.catalogue import Plant
from reference.faults.catalogue import Fault, entry, table
from reference.faults.outside import Item, Outgoing, at_the_edge, leaving
from reference.faults.untrue import ANOTHER_MAC, untrue

ADDRESS = {"addr": "10.0.0.9", "version": 4, "OS-EXT-IPS:type": "fixed", "OS-EXT-IPS-MAC:mac_addr": ANOTHER_MAC}
FAULT = {"code": 500, "created": "2026-01-01T00:00:00Z", "message": "No valid host was found."}
STATE, TASK = "OS-EXT-STS:vm_state", "OS-EXT-STS:task_state"
TOPOLOGY = "/v2.0/auto-allocated-topology/"


def _servers(change: Callable[[Item], object]) -> Plant:
    """Let `change(server)` work on each server that an answer shows with its state."""

    def work(outgoing: Outgoing) -> None:
        for server in outgoing.items("server", "servers"):
            if STATE in server:
                change(server)

    return leaving(work)


def _building(**values: Any) -> Plant:
    """Let servers show these values while they are being built."""
    return _servers(lambda server: server.update(values if server[STATE] == "building" else {}))


def _wandering(singular: str, plural: str, *names: str) -> Plant:
    """Let objects show other values of these fields in the answer to every second GET."""
    answers = count()

    def wander(outgoing: Outgoing) -> None:
        if outgoing.method == "GET" and next(answers) % 2:
            for item in outgoing.items(singular, plural):
                item.update({name: untrue(item[name]) for name in names if name in item})

    return leaving(wander)


def _falling(outgoing: Outgoing, numbers: Iterator[int]) -> None:
    for network in outgoing.items("network", "networks"):
        network["revision_number"] = next(numbers)


class _Graves:
    """Objects of a kind as they were shown last, and those deleted since, each of which comes back in one answer."""

    def __init__(self, singular: str, plural: str, path: str) -> None:
        self._names, self._path = (singular, plural), path
        self._shown: dict[str, Item] = {}
        self._gone: list[Item] = []

    def work(self, outgoing: Outgoing) -> None:
        collection, _, id_ = outgoing.path.rstrip("/").rpartition("/")
        if outgoing.method == "DELETE" and outgoing.ok and collection.endswith(self._path) and id_ in self._shown:
            self._gone.append(self._shown.pop(id_))
        for item in outgoing.items(*self._names):
            self._shown[str(item.get("id"))] = dict(item)
        items = outgoing.body.get(self._names[1]) if outgoing.ok and isinstance(outgoing.body, dict) else None
        if self._gone and outgoing.method == "GET" and isinstance(items, list):
            items.append(self._gone.pop())


def _after_404(outgoing: Outgoing, missing: list[Item], shown: dict[str, Item]) -> None:
    """Remember the servers that are `shown`, and which of them are `missing` by now: one of these comes back in a
    list.
    """
    id_ = outgoing.path.rpartition("/")[2]
    for server in outgoing.items("server", "servers"):
        shown[str(server.get("id"))] = {name: server.get(name) for name in ("id", "name", "links")}
    if outgoing.method == "GET" and outgoing.status.startswith("404") and id_ in shown:
        missing.append(shown.pop(id_))
    if missing and outgoing.ok and outgoing.method == "GET" and outgoing.path.endswith("/servers"):
        outgoing.body["servers"].append(missing.pop())


def _ignoring(path: str) -> Plant:
    """Answer the first DELETE of each object below the path with 204, without deleting it."""
    ignored: set[str] = set()
    lock = threading.Lock()

    def around(environ: WSGIEnvironment, answer: Callable[[], Outgoing]) -> Outgoing:
        url = str(environ["PATH_INFO"])
        if environ["REQUEST_METHOD"] != "DELETE" or path not in url:
            return answer()
        with lock:
            is_first = url not in ignored
            ignored.add(url)
        if not is_first:
            return answer()
        headers = [("X-OpenStack-Request-ID", "req-00000000-0000-4000-8000-000000000000")]
        return Outgoing(environ, "204 No Content", headers, None)

    return at_the_edge(around)


def _comes_back(singular: str, plural: str) -> Fault:
    return entry(f"{singular.replace('_', '-')}-comes-back", "N-OBJ-013")(
        f"A {singular} that was deleted is in one list after that.",
        lambda: leaving(_Graves(singular, plural, f"/{plural.replace('_', '-')}").work)(),
    )


def _of_networking(singular: str, plural: str) -> Sequence[Fault]:
    path = f"/{plural.replace('_', '-')}"
    return (
        _comes_back(singular, plural),
        entry(f"{singular.replace('_', '-')}-delete-does-nothing", "N-OBJ-013", *USED.get(singular, ()))(
            f"The first DELETE of a {singular} is answered with 204, and the {singular} stays.", _ignoring(f"{path}/")
        ),
    )


DELETABLE = (
    ("network", "networks"),
    ("subnet", "subnets"),
    ("port", "ports"),
    ("router", "routers"),
    ("floatingip", "floatingips"),
    ("subnetpool", "subnetpools"),
    ("rbac_policy", "rbac_policies"),
)
# in these tests the ignored DELETE may be one that has to be refused
USED = {"subnet": ("N-SUB-017",), "rbac_policy": ("N-RBAC-008",)}
MADE_BY_THE_CLOUD = (
    ("network", "networks", "project_id", "tenant_id"),
    ("subnet", "subnets", "network_id", "cidr"),
    ("router", "routers", "project_id"),
    ("port", "ports", "network_id", "mac_address"),
)
table(
    *(fault for names in DELETABLE for fault in _of_networking(*names)),
    _comes_back("security_group", "security_groups"),
    _comes_back("security_group_rule", "security_group_rules"),
    *(
        entry(f"{singular}-{name.replace('_', '-')}-changes", "N-OBJ-011")(
            f"Every other answer to a GET shows another {name} of a {singular}.", _wandering(singular, plural, name)
        )
        for singular, plural, *names in MADE_BY_THE_CLOUD
        for name in names
    ),
    entry("revisions-fall", "N-OBJ-012")(
        "Each answer shows a lower revision of a network.", leaving(partial(_falling, numbers=count(10**6, -1)))
    ),
    entry("topology-delete-does-nothing", "N-OBJ-013")(
        "The first DELETE of a topology is answered with 204, and the topology stays.", _ignoring(TOPOLOGY)
    ),
    entry("addresses-come-early", "C-OBJ-010")(
        "A server shows an address as soon as it was accepted.", _building(addresses={"first": [ADDRESS]})
    ),
    entry("faults-come-early", "C-OBJ-011")("A server shows a fault while it is being built.", _building(fault=FAULT)),
    entry("launched-while-building", "C-OBJ-001")(
        "A server shows when it was launched while it is being built.",
        _building(**{"OS-SRV-USG:launched_at": "2026-01-01T00:00:00.000000"}),
    ),
    entry("servers-hide-that-they-go", "C-OBJ-009")(
        "A server whose DELETE was accepted shows no task.",
        _servers(lambda server: server.update({TASK: None} if server.get(TASK) == "deleting" else {})),
    ),
    entry("server-delete-does-nothing", "C-OBJ-009", "C-SRV-014")(
        "The first DELETE of a server is answered with 204, and the server stays.", _ignoring("/servers/")
    ),
    entry("server-comes-back", "C-OBJ-008")(
        "A server that was deleted and answered with 404 is in one list after that.",
        leaving(partial(_after_404, missing=[], shown={})),
    ),
    entry("server-updates-fall", "C-OBJ-007")(
        "Every other answer to a GET shows an earlier time of a server's last update.",
        _wandering("server", "servers", "updated"),
    ),
    *(
        entry(f"server-{words.replace(' ', '-')}-changes", "C-OBJ-006")(
            f"Every other answer to a GET shows another {words} of a server.", _wandering("server", "servers", name)
        )
        for words, name in (
            ("owner", "tenant_id"),
            ("zone", "OS-EXT-AZ:availability_zone"),
            ("config drive", "config_drive"),
            ("host", "hostId"),
        )
    ),
)
