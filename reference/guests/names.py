"""Names inside the plane: of namespaces, by the id of their network, router or server; of links, by the id of their
port.
"""

BRIDGE = "br0"
GATEWAY_LINK = "gw"  # of a router, to the external network
METADATA = "169.254.169.254"
OUTSIDE = "outside"  # the namespace beyond the external networks
_LONGEST = 15  # characters of a link's name


def network_space(network: str) -> str:
    return f"net-{network}"


def router_space(router: str) -> str:
    return f"rtr-{router}"


def link_of(port: str) -> str:
    """The end of the port of that id on its network's bridge."""
    return f"p{_ending(port)}"


def inner_link_of(port: str) -> str:
    """The router's end of the interface that is the port of that id."""
    return f"r{_ending(port)}"


def outer_link_of(network: str) -> str:
    """The outside's end on the external network of that id."""
    return f"x{_ending(network)}"


def _ending(id_: str) -> str:
    """The last characters of the id, as many as fit into a name; ids made at one moment may begin alike."""
    return id_.replace("-", "")[1 - _LONGEST :]
