"""A dnsmasq in a namespace: started, told of new addresses, and started again when it died."""

import logging
import os
import signal
import subprocess
from pathlib import Path

from reference.guests import console, programs, spaces
from reference.guests.console import Console
from reference.guests.events import Events

LOG = logging.getLogger(__name__)


class Dnsmasq:
    """The dnsmasq of the namespace `space`; its files are in the directory `place`."""

    def __init__(self, space: str, place: Path, events: Events) -> None:
        self.space, self.place, self.events = space, place, events
        self.hosts_file = place / "hosts"
        self._config, self._hosts = "", ()  # type: tuple[str, tuple[str, ...]]
        self.process: subprocess.Popen[bytes] | None = None

    def apply(self, config: str, hosts: tuple[str, ...]) -> None:
        """Run with that configuration, for those hosts; do not run where the configuration is empty.

        For a new host a signal is enough. For a host that is gone dnsmasq is started anew, as it would keep the lease,
        and could not give the address to another host.
        """
        gone = set(self._hosts) - set(hosts)
        if self.process is not None and (config != self._config or gone):
            self.stop()
        if hosts != self._hosts or not self.hosts_file.exists():
            self.place.mkdir(parents=True, exist_ok=True)
            self.hosts_file.write_text("".join(f"{line}\n" for line in hosts))
            if self.process is not None:
                self.process.send_signal(signal.SIGHUP)
        self._config, self._hosts = config, hosts
        self.mend()

    def mend(self) -> None:
        """Start it where it should run and does not."""
        if self.process is not None and self.process.poll() is not None:
            LOG.warning("dnsmasq of %s ended with %s and is started again", self.space, self.process.returncode)
            self.process = None
        if self.process is None and self._config:
            self.process = self._start()

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
        (self.place / "leases").unlink(missing_ok=True)

    def _start(self) -> subprocess.Popen[bytes]:
        (self.place / "config").write_text(self._config)
        reader, writer = os.pipe()
        process = subprocess.Popen(  # noqa: S603 - a list of our own words
            [
                programs.path_of("nsenter"),
                f"--net={spaces.path(self.space)}",
                programs.path_of("dnsmasq"),
                f"--conf-file={self.place / 'config'}",
                f"--dhcp-leasefile={self.place / 'leases'}",
                "--pid-file=",
                "--no-daemon",  # as a daemon it would change its groups, which a namespace of one user forbids
            ],
            stdin=subprocess.DEVNULL,
            stdout=writer,
            stderr=writer,
        )
        os.close(writer)
        # guests can make it log without end, so its log is bounded as a console is
        self.events.start(console.follow(reader, Console(self.place / "log")))
        return process
