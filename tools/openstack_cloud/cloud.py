"""Brings a cloud up, tells how it is, takes it down."""

import fcntl
import os
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from . import accounts, broker, configs, databases, machine, releases, services
from .errors import NotUpError, UsageError
from .processes import Keeper, Program
from .settings import OWN, PACKAGE_PATH, Settings

ANSWER_SECONDS = 90.0
NOVA = ["nova.conf", "nova-databases.conf"]


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
                raise UsageError(f"another command is at work on {self.settings.state}: wait for it") from None
            yield

    # how it is

    def names(self) -> list[str]:
        """The processes this cloud should have, in starting order."""
        own = ["mariadb"] if self.settings.mysql == OWN else []
        own += ["epmd", "rabbitmq"] if self.settings.rabbit == OWN else []
        own += ["memcached"] if machine.program("memcached") else []
        return [*own, *services.WEB, *services.WORKERS]

    def lacking(self) -> list[str]:
        """The processes that do not run or do not answer."""
        silent = [name for name in services.WEB if not answers(self.settings.url(name))]
        return [name for name in self.names() if name in silent or not self.keeper.leader(name)]

    def is_up(self) -> bool:
        return self.settings.done("host").exists() and not self.lacking()

    # up

    def up(self) -> None:
        """Bring up everything that is not, and return when all of it answers."""
        settings = self.settings
        self.keeper.stop([name for name in self.names() if not self.keeper.leader(name)])
        self.check_ports()
        self.once("packages", lambda: machine.install_packages(settings))
        together(self.install_release, self.start_servers)
        self.once("databases", lambda: databases.create(settings))
        accounts.write(settings)
        cached = self.keeper.leader("memcached") is not None
        urls = databases.services_url(settings), broker.services_url(settings)
        configs.write(settings, configs.common(settings, *urls, memcached=cached))
        together(self.prepare_keystone, self.prepare_neutron, self.prepare_nova, self.prepare_rest)
        self.start_services()
        self.check_workers(self.bootstrap("resources").split())
        self.once("host", lambda: self.manage("nova-manage", NOVA, "cell_v2 discover_hosts"))

    def once(self, step: str, action: Callable[[], object]) -> None:
        """Take a step of the set-up that need not be taken again."""
        mark = self.settings.done(step)
        if not mark.exists():
            self.say(f"setting up {step}")
            action()
            mark.touch()

    def check_ports(self) -> None:
        """Raise `UsageError` when somebody else has a port that a process of ours needs."""
        for name in self.names():
            port = self.settings.ports.get(name)
            if port and not self.keeper.leader(name) and machine.listening(port):
                raise UsageError(
                    f"port {port}, which {name} needs, is taken by another program: stop that program, "
                    "or choose other ports with --port-base (after `down --purge`, if this cloud was up before)"
                )

    def install_release(self) -> None:
        release = releases.release(self.settings.release)
        self.once(f"OpenStack {release.name}", lambda: machine.install_release(self.settings, release))

    def start_servers(self) -> None:
        """Start what the services stand on: the cache, and database and broker where they are our own."""
        settings = self.settings
        if binary := machine.program("memcached"):
            self.start(services.memcached(settings, binary))
        if settings.mysql == OWN:
            self.once("MariaDB", lambda: databases.initialise(settings))
            self.start_server(databases.server(settings))
        if settings.rabbit == OWN:
            self.once("RabbitMQ", lambda: broker.initialise(settings))
            for program in broker.servers(settings):
                self.start_server(program)
        self.once("broker", lambda: broker.create(settings))

    def prepare_keystone(self) -> None:
        """Start Keystone with all accounts in it: the others look up their own when they start."""
        self.once("Keystone", self.fill_keystone)
        self.start(next(program for program, _ in services.programs(self.settings)))
        self.wait("keystone")
        self.once("accounts", lambda: self.bootstrap("identity"))

    def fill_keystone(self) -> None:
        owner = f"--keystone-user {os.geteuid()} --keystone-group {os.getegid()}"
        interfaces = ("PUBLIC", "INTERNAL", "ADMIN")
        environ = {f"OS_BOOTSTRAP_{name}_URL": self.settings.url("keystone") + "/v3" for name in interfaces}
        environ |= {"OS_BOOTSTRAP_PASSWORD": self.settings.secret("admin"), "OS_BOOTSTRAP_REGION_ID": "RegionOne"}
        for step in ("db_sync", f"fernet_setup {owner}", f"credential_setup {owner}", "bootstrap"):
            self.manage("keystone-manage", ["keystone.conf"], step, environ)

    def prepare_neutron(self) -> None:
        self.once("Neutron", lambda: self.manage("neutron-db-manage", ["neutron.conf"], "upgrade heads"))

    def prepare_nova(self) -> None:
        for step in ("api_db sync", "cell_v2 map_cell0", "cell_v2 create_cell --name cell1", "db sync"):
            self.once(f"Nova ({step})", lambda step=step: self.manage("nova-manage", NOVA, step))  # type: ignore[misc]

    def prepare_rest(self) -> None:
        self.once("Placement", lambda: self.manage("placement-manage", ["placement.conf"], "db sync"))
        self.once("Glance", lambda: self.manage("glance-manage", ["glance-api.conf"], "db_sync"))

    def manage(self, command: str, files: list[str], step: str, environ: dict[str, str] | None = None) -> None:
        """Run one of the services' own management commands; its log bears the command's name."""
        line = [self.settings.bin(command), *services.config_files(self.settings, files), *step.split()]
        machine.run(self.settings, command, line, services.QUIET | (environ or {}))

    def bootstrap(self, step: str) -> str:
        command = [self.settings.bin("python"), "-m", "openstack_cloud.bootstrap", str(self.settings.state), step]
        return machine.run(self.settings, "bootstrap", command, services.QUIET | PACKAGE_PATH)

    def start_services(self) -> None:
        for program, needs in services.programs(self.settings):
            for name in needs:
                self.wait(name)
            self.start(program)
        for name in services.WEB:
            self.wait(name)

    def check_workers(self, silent: list[str]) -> None:
        """Raise `NotUpError` for workers that ended, or did not report."""
        failed = silent or [name for name in services.WORKERS if not self.keeper.leader(name)]
        if failed:
            tails = [self.keeper.tail(name) for name in failed]
            raise NotUpError("\n".join([f"started, but not at work: {', '.join(failed)}", *tails]))

    def start(self, program: Program) -> None:
        if not self.keeper.leader(program.name):
            self.say(f"starting {program.name}")
            self.keeper.start(program)

    def start_server(self, program: Program) -> None:
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

    # down

    def down(self) -> list[str]:
        """End our processes, services before what they stand on; answer the names of those that ran."""
        running = self.keeper.names()
        base = [name for name in ("rabbitmq", "epmd", "mariadb") if name in running]
        ran = self.keeper.stop([name for name in running if name not in base])
        return ran + [name for server in base for name in self.keeper.stop([server])]

    def purge(self) -> None:
        """Remove all that was made, in the machine's servers and in the state directory."""
        if self.settings.mysql != OWN and self.settings.done("databases").exists():
            databases.drop(self.settings)
        if self.settings.rabbit != OWN and self.settings.done("broker").exists():
            broker.drop(self.settings)
        shutil.rmtree(self.settings.state)


def together(*steps: Callable[[], object]) -> None:
    """Take steps two at a time; the first failure is raised when all have ended."""
    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(step) for step in steps]
    for job in jobs:
        job.result()


def answers(url: str) -> bool:
    """Whether an API answers at its root, were it only to ask who we are."""
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310 our own URL
            return True
    except urllib.error.HTTPError as refused:
        return refused.code < 500
    except OSError:
        return False
