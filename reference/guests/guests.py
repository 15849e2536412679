"""Servers as processes: started when they are ACTIVE, plugged into their networks, and ended with them."""

import logging
import shutil
import subprocess
import time
from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path

from reference.guests import console, root, sandbox, spaces, watch
from reference.guests.console import Console
from reference.guests.events import Events
from reference.guests.names import BRIDGE, link_of, network_space
from reference.guests.records import Guest, Port

LOG = logging.getLogger(__name__)
RESTARTS = 3  # most restarts of a guest that is killed from outside


@dataclass(frozen=True)
class Places:
    """Where the root of all guests, scratch memory, drives and consoles lie, and how many seconds a guest may run."""

    root: Path
    scratch: Path
    drives: Path
    consoles: Path
    seconds: int


class RunningGuest:
    """The guest of one server."""

    def __init__(self, guest: Guest, places: Places, events: Events) -> None:
        self.guest, self.places, self.events = guest, places, events
        self.console = Console(places.consoles / guest.id)
        self._plugged: dict[str, Port] = {}
        self._scratch: sandbox.Scratch | None = None
        self._interfaces = self._restarts = 0
        self._sandbox: sandbox.Sandbox | None = None
        self._over = False
        self._until = time.monotonic() + places.seconds

    @property
    def first(self) -> int | None:
        """The process id of the first process, while it runs."""
        return self._sandbox.first if self._sandbox else None

    @property
    def process(self) -> subprocess.Popen[bytes] | None:
        return self._sandbox.process if self._sandbox else None

    def apply(self, guest: Guest, networks: Set[str]) -> None:
        """Start the guest when `networks` has the networks of all its ports, and plug those in. Raises Failed,
        OSError.
        """
        self.guest = guest
        fresh = self._sandbox is None
        if self._over or (fresh and not networks >= {port.network for port in guest.ports}):
            return
        try:
            running = self._sandbox = self._sandbox or self._start(guest)
            self._plug(running.first, {port.id: port for port in guest.ports if port.network in networks})
        except (spaces.Failed, OSError):
            if fresh:
                self._end()  # it never ran: the next call tries again
            raise
        if fresh:
            self.events.start(console.follow(running.release(), self.console))

    def _start(self, guest: Guest) -> sandbox.Sandbox:
        self._scratch = sandbox.Scratch(self.places.scratch / guest.id)
        return sandbox.start(self.places.root, self._scratch.place, self._drive(), guest.hostname)

    def _plug(self, first: int, ports: Mapping[str, Port]) -> None:
        """Give the guest interfaces for these `ports`; one that is only switched on or off keeps its name."""
        for id_ in [id_ for id_, port in self._plugged.items() if _place(ports.get(id_)) != _place(port)]:
            network = self._plugged.pop(id_).network
            spaces.links(network_space(network), [f"link delete {link_of(id_)}"], force=True)
        for id_, port in ports.items():
            if id_ not in self._plugged:
                spaces.links(network_space(port.network), _link(port, f"eth{self._interfaces}", first))
                self._interfaces += 1
            elif port.up != self._plugged[id_].up:
                self._switch(port)
            self._plugged[id_] = port

    def _switch(self, port: Port) -> None:
        """Set the port's interface up or down. One that the guest has deleted is plugged in anew the next time."""
        try:
            spaces.links(network_space(port.network), [f"link set {link_of(port.id)} {_state(port)}"])
        except spaces.Failed:
            del self._plugged[port.id]
            raise

    def _drive(self) -> Path | None:
        if not self.guest.config_drive:
            return None
        place = self.places.drives / self.guest.id
        root.build_drive(place, self.guest)
        return place

    def mend(self, used: watch.Usage) -> bool:
        """Check on the guest; True where it has to be applied again, as it was killed from outside."""
        if self._sandbox is None:
            return False
        excess = self._excess(used)
        if excess:
            self._stop_for_good(excess)
            return False
        code = self._sandbox.process.poll()
        if code is None:
            return False
        self._end()
        if code == 0:
            self._stop_for_good("it ended by itself")
        elif self._restarts == RESTARTS:
            self._stop_for_good("it was killed too often")
        else:
            self._restarts += 1
            self.console.note("killed, and started again")
        return not self._over

    def _excess(self, used: watch.Usage) -> str:
        if used.memory > sandbox.MEMORY:
            return "it used too much memory"
        if used.processes > 2 * sandbox.PROCESSES:
            return "it had too many processes"
        if used.interfaces > sandbox.INTERFACES + len(self._plugged):
            return "it had too many interfaces"
        return "its time is up" if time.monotonic() > self._until else ""

    def _stop_for_good(self, reason: str) -> None:
        self._over = True
        self.console.note(f"ended: {reason}")
        LOG.info("the guest of server %s ended: %s", self.guest.id, reason)
        self._end()

    def _end(self) -> None:
        if self._sandbox is not None:
            self._sandbox.kill()
        if self._scratch is not None:
            self._scratch.remove()
        self._sandbox, self._scratch, self._plugged, self._interfaces = None, None, {}, 0

    def close(self) -> None:
        """End the guest of a server that is gone, and delete all that it had."""
        self._end()
        self.console.close()
        shutil.rmtree(self.places.drives / self.guest.id, ignore_errors=True)


def _place(port: Port | None) -> tuple[str, str] | None:
    """The network and the MAC address of a port, which identify an interface; None without a port."""
    return (port.network, port.mac) if port else None


def _state(port: Port) -> str:
    return "up" if port.up else "down"


def _link(port: Port, name: str, first: int) -> list[str]:
    """The commands that give the guest an interface of that name, on its network's bridge."""
    link, mtu = link_of(port.id), port.mtu
    return [
        f"link add {link} mtu {mtu} type veth peer name {name} mtu {mtu} address {port.mac} netns {first}",
        f"link set {link} master {BRIDGE} {_state(port)}",
    ]
