"""The kinds of objects that a request may leave in a project, by its URL: what to list after a file's requests.

It is used between two tests only: before a project is deleted, all kinds are listed.
"""

from collections.abc import Collection

from conformance.projects.inventory import FLOATING_IPS, NETWORKS, POOLS, PORTS, ROUTERS, SERVERS, TOPOLOGY, USUAL

READING = ("GET", "HEAD", "OPTIONS")
OF_TOPOLOGY = frozenset({NETWORKS, ROUTERS, PORTS})  # its subnets go with its network
UNASKED = frozenset({FLOATING_IPS})  # looked for after requests that must not create these
CREATED_BELOW = {
    TOPOLOGY: OF_TOPOLOGY,
    "servers": OF_TOPOLOGY | {SERVERS},
    "networks": frozenset({NETWORKS}),
    "subnets": frozenset({NETWORKS}),  # they go with their network
    "ports": frozenset({PORTS}),
    "routers": frozenset({ROUTERS, PORTS}),
    "floatingips": frozenset({FLOATING_IPS}),
    "subnetpools": frozenset({POOLS}),
}


def kinds_created_by(method: str, url: str) -> frozenset[str]:
    """The kinds of objects that the request may have created, whatever its answer; USUAL for an unknown path."""
    path = url.partition("?")[0]
    collections = {part.partition(".")[0] for part in path.split("/")} & CREATED_BELOW.keys()
    if method in READING and TOPOLOGY not in collections:
        return frozenset()
    return frozenset().union(*(CREATED_BELOW[name] for name in collections)) if collections else frozenset(USUAL)


def kinds_unasked_for(created: Collection[str]) -> frozenset[str]:
    """The kinds that no request asked for and a cloud may create by itself, to be looked for as well."""
    return UNASKED - set(created) if set(created) >= OF_TOPOLOGY else frozenset()


def edits(method: str, url: str) -> bool:
    """Whether the request may change an object that is there, rather than add one or delete it."""
    below = url.partition("?")[0].partition("/v2.0/")[2].count("/")  # of Networking
    return method in ("PUT", "PATCH") or (method == "POST" and below > 0) or (method == "DELETE" and below > 1)
