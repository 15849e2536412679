"""A cloud on this machine: which of its processes run and answer, how to start and end them, and how to remove it."""

import fcntl
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from . import broker, databases, machine, ovn, services
from .errors import NotUpError, UsageError
from .processes import Keeper, Program
from .settings import OWN, Settings

ANSWER_SECONDS = 180.0
# the servers below the services, ended after them in this order: OVN's controller removes its node from the database
BASE = (*reversed(ovn.NAMES), "rabbitmq", "epmd", "mariadb")


class Cloud:
    """One cloud: its settings and the keeper of its processes. `say` tells the user what is being done."""

    def __init__(self, settings: Settings, say: Callable[[str], None]) -> None:
        self.settings, self.say = settings, say
        self.keeper = Keeper(settings.state / "run", settings.state / "log")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let only one command at a time work on a cloud."""
        with (self.settings.state / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UsageError(f"another command is at work on {self.settings.state}: wait for it to end") from None
            yield

    def names(self) -> list[str]:
        """The processes this cloud should have, in starting order."""
        own = ["mariadb"] if self.settings.mysql == OWN else []
        own += ["epmd", "rabbitmq"] if self.settings.rabbit == OWN else []
        own += ["memcached"] if machine.program("memcached") else []
        own += ovn.NAMES if ovn.used(self.settings) else []
        return [*own, *services.apis(self.settings), *services.workers(self.settings)]

    def lacking(self) -> list[str]:
        """The processes that do not run or do not answer."""
        silent = [name for name in services.apis(self.settings) if not answers(self.settings.url(name))]
        return [name for name in self.names() if name in silent or not self.keeper.leader(name)]

    def check_ports(self) -> None:
        """Raise `UsageError` if another program uses a port that one of our processes needs."""
        for name in self.names():
            port = self.settings.ports.get(name)
            if port and not any(self.keeper.members(name)) and machine.listening(port):
                raise UsageError(
                    f"port {port}, which {name} needs, is taken by another program: stop that program, or use "
                    "other ports with --port-base (a cloud that was up before keeps its own: `down --purge` it)"
                )

    def start(self, program: Program) -> None:
        if not self.keeper.leader(program.name):
            self.say(f"starting {program.name}")
            self.keeper.start(program)

    def start_server(self, program: Program) -> None:
        """Start a server and wait until it listens."""
        self.start(program)
        port = self.settings.ports[program.name]
        self.wait_until(program.name, lambda: machine.listening(port))

    def wait(self, name: str) -> None:
        """Wait until an API answers."""
        self.wait_until(name, lambda: answers(self.settings.url(name)))

    def wait_until(self, name: str, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + ANSWER_SECONDS
        while not ready():
            if not self.keeper.leader(name):
                raise NotUpError(f"{name} ended while it was starting\n{self.keeper.tail(name)}")
            if time.monotonic() > deadline:
                raise NotUpError(f"{name} does not answer after {ANSWER_SECONDS:.0f} s\n{self.keeper.tail(name)}")
            time.sleep(0.2)

    def down(self) -> list[str]:
        """End our processes, services before the servers below them; the names of those that ran."""
        ours = self.keeper.names()
        ran = self.keeper.stop([name for name in ours if name not in BASE])
        ran += [name for server in BASE if server in ours for name in self.keeper.stop([server])]
        ovn.remove_namespace(self.settings)
        return ran

    def purge(self) -> None:
        """Remove everything that the cloud has created in the machine's servers and in the state directory."""
        if self.settings.mysql != OWN and self.settings.done("databases").exists():
            databases.drop(self.settings)
        if self.settings.rabbit != OWN and self.settings.done("broker").exists():
            broker.drop(self.settings)
        shutil.rmtree(self.settings.state)


def answers(url: str) -> bool:
    """Whether an API answers at its root, even with 401."""
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310 our own URL
            return True
    except urllib.error.HTTPError as refused:
        return refused.code < 500
    except OSError:
        return False
