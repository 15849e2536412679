"""What things are called inside: namespaces by the id of what they are for, links by that of their port."""

BRIDGE = "br0"
GATEWAY_LINK = "gw"  # of a router, to the external network
METADATA = "169.254.169.254"
OUTSIDE = "outside"  # the namespace beyond the external networks
_LONGEST = 15  # characters the kernel takes for a link


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
    """As much of the id as a name takes, from its end: those of one moment may begin alike."""
    return id_.replace("-", "")[1 - _LONGEST :]
