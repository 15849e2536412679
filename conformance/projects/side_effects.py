"""What a request may leave in a project, by its URL: where to look after a story of requests, and where not.

It is about the looks between two tests alone: a project is looked at as a whole before it is deleted.
"""

from conformance.projects.inventory import FLOATING_IPS, NETWORKS, POOLS, PORTS, ROUTERS, SERVERS, USUAL

READING = ("GET", "HEAD", "OPTIONS")
TOPOLOGY = "auto-allocated-topology"  # to get it is to make it
OF_TOPOLOGY = frozenset({NETWORKS, ROUTERS, PORTS})  # what a look sees of one: its subnets go with its network
LEFT_BELOW = {
    TOPOLOGY: OF_TOPOLOGY,
    "servers": OF_TOPOLOGY | {SERVERS},
    "networks": frozenset({NETWORKS}),
    "subnets": frozenset({NETWORKS}),  # with which they go
    "ports": frozenset({PORTS}),
    "routers": frozenset({ROUTERS, PORTS}),
    "floatingips": frozenset({FLOATING_IPS}),
    "subnetpools": frozenset({POOLS}),
}


def left_by(method: str, url: str) -> frozenset[str]:
    """The kinds of things that may be there after the request, whatever it was answered: all usual ones where its path
    says nothing that is known here.
    """
    path = url.partition("?")[0]
    below = {part.partition(".")[0] for part in path.split("/")} & LEFT_BELOW.keys()
    if method in READING and TOPOLOGY not in below:
        return frozenset()
    return frozenset().union(*(LEFT_BELOW[part] for part in below)) if below else frozenset(USUAL)
