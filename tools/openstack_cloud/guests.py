"""Runs the compute node's guests by the records of Nova's driver: `python -m openstack_cloud.guests STATE`.

It runs in the node's network namespace, where the switch puts the ports' interfaces; a guest takes its own along when
it starts, and they end with it. An interface of a running guest that shows up again belongs to a switch that was
started anew: the guest is, too.
"""

import logging
import os
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Set
from contextlib import suppress
from pathlib import Path

from . import guest_records, ovn, plugging, sandbox
from .guest_records import CONSOLE, Record
from .sandbox import Guest
from .settings import Settings, load

LOG = logging.getLogger("guests")
LOOK_SECONDS = 0.2
CONSOLE_BYTES = 256 * 1024  # output beyond this is dropped


class Runner:
    """The guests that run, by their servers' ids."""

    def __init__(self, settings: Settings) -> None:
        self.nova = settings.state / "data" / "nova"
        self.root = settings.state / "data" / "guest-root"
        self.switch = ovn.remote(settings, "switch")
        self.guests: dict[str, Guest] = {}
        self.failed: set[Record] = set()  # left alone until their records change
        self.unplugged: set[str] = set()  # the ports whose interfaces ended with a guest
        self.consoles = selectors.DefaultSelector()

    def begin(self) -> None:
        """Make the guests' root, and clear away the interfaces that guests of an earlier runner took with them."""
        sandbox.make_root(self.root)
        present = interfaces()
        self.unplug(port for port in plugging.plugged(self.switch) if plugging.interface(port) not in present)

    def look(self) -> None:
        """Start and end guests as their records say."""
        all_records = (guest_records.read(self.nova, server) for server in guest_records.servers(self.nova))
        records = {record.id: record for record in all_records if record}
        present = interfaces()
        for server, guest in list(self.guests.items()):
            if any(plugging.interface(port) in present for port, _ in guest.record.ports):
                self.end(server)
            elif records.get(server) != guest.record or guest.process.poll() is not None:
                self.failed.update([guest.record] if records.get(server) == guest.record else [])
                self.end(server)
                self.unplug(port for port, _ in guest.record.ports)
        self.failed.intersection_update(records.values())
        for record in records.values():
            if record.on and record.id not in self.guests and record not in self.failed:
                self.plug(record)
                self.start(record, present)

    def start(self, record: Record, present: Set[str]) -> None:
        """Start a guest if its interfaces are there; those that are not yet are on their way."""
        names = [plugging.interface(port) for port, _ in record.ports]
        if not present >= set(names):
            return
        home = guest_records.root(self.nova) / record.id
        try:
            guest = sandbox.start(self.root, home, record, names)
        except (OSError, subprocess.CalledProcessError):
            LOG.exception("guest %s could not be started", record.id)
            self.failed.add(record)
            return
        LOG.info("guest %s started", record.id)
        self.guests[record.id] = guest
        with suppress(FileNotFoundError):  # the server has just been deleted: the next look ends its guest
            self.consoles.register(guest.output, selectors.EVENT_READ, (home / CONSOLE).open("wb", buffering=0))

    def end(self, server: str) -> None:
        guest = self.guests.pop(server)
        LOG.info("guest %s ends", server)
        if guest.output.fileno() in self.consoles.get_map():
            self.consoles.unregister(guest.output).data.close()
        sandbox.end(guest.process)

    def plug(self, record: Record) -> None:
        """Give the switch interfaces again for ports that were unplugged."""
        if plugged := self.unplugged & {port for port, _ in record.ports}:
            plugging.vsctl(self.switch, "--no-wait", *plugging.changes(set(), plugged))
            self.unplugged -= plugged

    def unplug(self, ports: Iterable[str]) -> None:
        """Remove interfaces from the switch that no longer exist, as it would go on reading from them."""
        if gone := set(ports):
            plugging.vsctl(self.switch, *plugging.changes(gone, set()))
            self.unplugged |= gone

    def listen(self, seconds: float) -> None:
        """Record the output of guests for that time."""
        for key, _ in self.consoles.select(seconds):
            output, console = os.read(key.fd, 65536), key.data
            if not output:
                self.consoles.unregister(key.fileobj).data.close()
            elif (room := CONSOLE_BYTES - console.tell()) > 0:
                console.write(output[:room])


def interfaces() -> set[str]:
    """The names of those in the network namespace that this runs in."""
    return {name for _, name in socket.if_nameindex()}


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    settings = load(Path(sys.argv[1]))
    if settings is None:
        sys.exit(f"no cloud in {sys.argv[1]}")
    runner = Runner(settings)
    runner.begin()
    next_look = 0.0
    while True:
        if time.monotonic() >= next_look:
            runner.look()
            next_look = time.monotonic() + LOOK_SECONDS
        runner.listen(max(0.0, next_look - time.monotonic()))


if __name__ == "__main__":
    main()
