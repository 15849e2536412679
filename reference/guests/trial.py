"""Whether this system can have the data plane: one object of each kind is created and deleted again."""

from pathlib import Path

from reference.guests import sandbox, security_groups, spaces, translation
from reference.guests.names import BRIDGE
from reference.guests.topology import Network, Router

SPACE = "trial"
_ID = "00000000-0000-4000-8000-000000000000"
_NETWORK = Network(_ID, 1500, True, False, (), (), ())
_ROUTER = Router(_ID, True, (), (), None, (), False, (("198.51.100.1", "192.0.2.1"),))


def run(root: Path) -> None:
    """Try it. Raises Failed or OSError, which say what cannot be done here."""
    spaces.add([SPACE])
    spaces.links(SPACE, [f"link add {BRIDGE} type bridge", "link add one type veth peer name other"])
    for change in security_groups.changes(security_groups.chains(_NETWORK, {}, {}), forget=True):
        spaces.rules(SPACE, change)
    spaces.rules(SPACE, translation.router_rules(_ROUTER))
    spaces.remove([SPACE])
    scratch = sandbox.Scratch(root.with_name(SPACE))
    sandbox.start(root, scratch.place, None, SPACE).kill()
    scratch.remove()
