"""Servers as processes: started when they are ACTIVE, plugged into their networks, and ended with them."""

from __future__ import annotations

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
RESTARTS = 3  # of a guest that was killed by somebody else, in all its life


@dataclass(frozen=True)
class Places:
    """Where things lie: the root of all guests, the drives, and the consoles; and how many seconds a guest may run."""

    root: Path
    drives: Path
    consoles: Path
    seconds: int


class RunningGuest:
    """The guest of one server."""

    def __init__(self, guest: Guest, places: Places, events: Events) -> None:
        self.guest, self.places, self.events = guest, places, events
        self.console = Console(places.consoles / guest.id)
        self._plugged: dict[str, tuple[object, ...]] = {}  # port -> how it was plugged
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
        """Run, with these ports; not before all of their networks are there. Errors: Failed, OSError."""
        self.guest = guest
        fresh = self._sandbox is None
        if self._over or (fresh and not networks >= {port.network for port in guest.ports}):
            return
        running = self._sandbox or sandbox.start(self.places.root, self._drive(), guest.hostname)
        self._sandbox = running
        try:
            self._plug(running.first, {port.id: port for port in guest.ports if port.network in networks})
        except spaces.Failed:
            if fresh:
                self._end()  # it never ran; the next time may go better
            raise
        if fresh:
            self.events.start(console.follow(running.release(), self.console))

    def _plug(self, first: int, wanted: Mapping[str, Port]) -> None:
        for id_ in [id_ for id_, how in self._plugged.items() if id_ not in wanted or _how(wanted[id_]) != how]:
            network = str(self._plugged.pop(id_)[0])
            spaces.links(network_space(network), [f"link delete {link_of(id_)}"], force=True)
        for id_, port in wanted.items():
            if id_ not in self._plugged:
                link, name, mtu = link_of(id_), f"eth{self._interfaces}", port.mtu
                self._interfaces += 1
                peer = f"name {name} mtu {mtu} address {port.mac} netns {first}"
                up = "up" if port.up else "down"
                spaces.links(
                    network_space(port.network),
                    [f"link add {link} mtu {mtu} type veth peer {peer}", f"link set {link} master {BRIDGE} {up}"],
                )
                self._plugged[id_] = _how(port)

    def _drive(self) -> Path | None:
        if not self.guest.config_drive:
            return None
        place = self.places.drives / self.guest.id
        root.build_drive(place, self.guest)
        return place

    def mend(self, used: watch.Usage) -> bool:
        """Look after the guest; True where it has to be applied again, for somebody killed it."""
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
        return "its time is up" if time.monotonic() > self._until else ""

    def _stop_for_good(self, reason: str) -> None:
        self._over = True
        self.console.note(f"ended: {reason}")
        LOG.info("the guest of server %s ended: %s", self.guest.id, reason)
        self._end()

    def _end(self) -> None:
        if self._sandbox is not None:
            self._sandbox.kill()
        self._sandbox, self._plugged, self._interfaces = None, {}, 0

    def close(self) -> None:
        """Its server is gone, and so is everything of it."""
        self._end()
        self.console.close()
        shutil.rmtree(self.places.drives / self.guest.id, ignore_errors=True)


def _how(port: Port) -> tuple[object, ...]:
    """What a link has to be made anew for."""
    return port.network, port.mac, port.mtu, port.up
