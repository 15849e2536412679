"""The first process of the data plane's namespaces: makes the kernel agree with the APIs, again and again.

Standard input brings the state of the APIs, one JSON object a line, of which the newest counts; with its end the plane
ends.
"""

import json
import logging
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from reference.guests import root, spaces, trial, watch
from reference.guests import topology as desired
from reference.guests.daemon import Dnsmasq
from reference.guests.events import Events
from reference.guests.guests import Places, RunningGuest
from reference.guests.names import network_space, router_space
from reference.guests.networks import NetworkSpace
from reference.guests.outside import OutsideSpace
from reference.guests.records import Guest
from reference.guests.routers import RouterSpace
from reference.guests.topology import Network, Router, State, Topology

LOG = logging.getLogger(__name__)
LOOK = 0.5  # seconds between two looks at what runs
RETRY = 1.0  # seconds until what failed is tried again
HOME = Path("/run/gman")
NOTHING: State = {
    name: [] for name in ("networks", "subnets", "ports", "routers", "floatingips", "security_group_rules", "servers")
}


class Plane:
    """The present data plane, its parts by their ids."""

    def __init__(self, consoles: Path, seconds: int) -> None:
        HOME.mkdir()
        self.places = Places(HOME / "root", HOME / "scratch", HOME / "drives", consoles, seconds)
        root.build(self.places.root)
        trial.run(self.places.root)
        self.events = Events()
        self.outside = OutsideSpace(self.events)
        self.networks: dict[str, NetworkSpace] = {}
        self.routers: dict[str, RouterSpace] = {}
        self.guests: dict[str, RunningGuest] = {}
        self.topology = desired.plan(NOTHING)
        self.guest_of: dict[tuple[str, str], Guest] = {}  # (network, IPv4 address) -> its server
        self._failed = False

    def apply(self, topology: Topology) -> bool:
        """Make the data plane what `topology` says; False where something failed, and has to be tried again."""
        self._failed, began = False, time.monotonic()
        self.topology = topology
        self.guest_of = {
            (port.network, ip): guest
            for guest in topology.guests.values()
            for port in guest.ports
            for ip in port.ips(4)
        }
        self._remove_unwanted(topology)
        self._add_new(topology)
        reachable = {
            id_
            for id_, network in self.networks.items()
            if self._try(f"network {id_}", partial(network.apply, topology.networks[id_], topology))
        }  # guests are plugged only into networks whose rules are in force
        self._try("outside", lambda: self.outside.apply(topology.outside, reachable))
        for id_, router in self.routers.items():
            self._try(f"router {id_}", partial(router.apply, topology.routers[id_], topology.networks))
        for id_, guest in topology.guests.items():
            self._try(f"server {id_}", partial(self._run, guest, reachable))
        LOG.info("applied what is new in %.3f s", time.monotonic() - began)
        return not self._failed

    def _remove_unwanted(self, topology: Topology) -> None:
        """End the parts that are no longer wanted, guests first."""
        for id_ in set(self.guests) - set(topology.guests):
            self.guests.pop(id_).close()
        gone = []
        for id_ in set(self.routers) - set(topology.routers):
            self.routers.pop(id_).close()
            gone.append(router_space(id_))
        for id_ in set(self.networks) - set(topology.networks):
            self.networks.pop(id_).close()
            gone.append(network_space(id_))
        self._try("what is gone", lambda: spaces.remove(gone))

    def _add_new(self, topology: Topology) -> None:
        """Create the parts that are new."""
        networks = [network for id_, network in topology.networks.items() if id_ not in self.networks]
        routers = [router for id_, router in topology.routers.items() if id_ not in self.routers]
        names = [*(network_space(item.id) for item in networks), *(router_space(item.id) for item in routers)]
        if not self._try("new namespaces", lambda: spaces.add(names)):
            return
        for network in networks:
            self._try(f"network {network.id}", partial(self._add_network, network))
        for router in routers:
            self._try(f"router {router.id}", partial(self._add_router, router))

    def _add_network(self, network: Network) -> None:
        self.networks[network.id] = NetworkSpace(network, HOME / "dhcp", self.events, self._guest_at)

    def _add_router(self, router: Router) -> None:
        self.routers[router.id] = RouterSpace(router, HOME / "dhcp", self.events)

    def _run(self, guest: Guest, reachable: set[str]) -> None:
        if guest.id not in self.guests:
            self.guests[guest.id] = RunningGuest(guest, self.places, self.events)
        self.guests[guest.id].apply(guest, reachable)

    def _guest_at(self, network: str, address: str) -> Guest | None:
        return self.guest_of.get((network, address))

    def _try(self, what: str, work: Callable[[], None]) -> bool:
        try:
            work()
            return True
        except (spaces.Failed, OSError) as error:
            self._failed = True
            LOG.warning("%s: %s", what, error)
            return False

    def mend(self) -> bool:
        """Check on all that runs; True where something has to be applied again."""
        used = watch.usage([guest.first for guest in self.guests.values() if guest.first is not None])
        killed = [guest for guest in self.guests.values() if guest.mend(used.get(guest.first or 0, watch.Usage()))]
        for dnsmasq in self._daemons():
            self._try("dnsmasq", dnsmasq.mend)
        self._reap()
        return bool(killed)

    def _daemons(self) -> list[Dnsmasq]:
        return [*(n.dnsmasq for n in self.networks.values()), *(r.dnsmasq for r in self.routers.values())]

    def _reap(self) -> None:
        """Reap the processes whose parents have ended: this one is the first of its namespace, and gets them."""
        own = {process.pid for process in (*(d.process for d in self._daemons()), *self._sandboxes()) if process}
        with suppress(ChildProcessError):
            while (ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) is not None:
                if ended.si_pid in own:
                    return  # its owner notices its end
                os.waitpid(ended.si_pid, 0)

    def _sandboxes(self) -> list[subprocess.Popen[bytes] | None]:
        return [guest.process for guest in self.guests.values()]


def run(consoles: Path, seconds: int, ready: Callable[[str], None]) -> None:
    """Run the plane until standard input ends. `ready` is called once, with "ready" or a line on why it cannot be."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    try:
        plane = Plane(consoles, seconds)
    except (spaces.Failed, OSError) as error:
        ready(f"--guests does not work on this system: {error}")
        return
    ready("ready")
    _follow(plane)


def _follow(plane: Plane) -> None:
    pending, settled, retry_at = b"", True, 0.0
    while True:
        readable, _, _ = select.select([0], [], [], LOOK if settled else RETRY)
        if readable:
            part = os.read(0, 1 << 20)
            if not part:
                return
            pending += part
            *lines, pending = pending.split(b"\n")
            if lines:
                settled = plane.apply(desired.plan(json.loads(lines[-1])))
                retry_at = time.monotonic() + RETRY
        elif not settled and time.monotonic() >= retry_at:
            settled = plane.apply(plane.topology)
            retry_at = time.monotonic() + RETRY
        settled = not plane.mend() and settled
