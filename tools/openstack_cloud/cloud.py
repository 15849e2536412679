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
from .errors import NotUp, UsageError
from .processes import Keeper, Program
from .settings import OWN, Settings

ANSWER_SECONDS = 90.0


class Cloud:
    """One cloud: its settings and the keeper of its processes. `say` tells the user what is being done."""

    def __init__(self, settings: Settings, say: Callable[[str], None]) -> None:
        self.settings, self.say = settings, say
        self.keeper = Keeper(settings.state / "run", settings.state / "log")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Only one command at a time may work on a cloud."""
        with (self.settings.state / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UsageError(f"another command works on {self.settings.state}: wait for it to end") from None
            yield

    def up(self) -> None:
        """Bring up everything that is not, and return when all of it answers."""
        self.check_ports()
        self.once("packages", self.install_packages)
        together(self.install_release, self.start_servers)
        self.once("databases", lambda: databases.create(self.settings))
        accounts.write(self.settings)
        mysql, transport = databases.services_url(self.settings), broker.services_url(self.settings)
        cached = self.keeper.leader("memcached") is not None
        configs.write(self.settings, configs.common(self.settings, mysql, transport, cached))
        together(self.prepare_keystone, self.prepare_neutron, self.prepare_nova, self.prepare_rest)
        self.start_services()
        self.bootstrap("resources")
        self.once("host", lambda: self.manage("nova-manage", "nova.conf", "cell_v2", "discover_hosts"))

    def once(self, step: str, action: Callable[[], object]) -> None:
        """Take a step of the set-up that need not be taken again."""
        mark = self.settings.done(step)
        if not mark.exists():
            self.say(f"setting up: {step}")
            action()
            mark.touch()

    def check_ports(self) -> None:
        """`UsageError` when somebody else has a port that a process of ours will need."""
        for name in self.names():
            port = self.settings.ports.get(name)
            if port and not self.keeper.leader(name) and machine.listening(port):
                raise UsageError(
                    f"port {port}, wanted for {name}, is taken by another program: stop that, "
                    f"or `down --purge` and choose other ports with --port-base"
                )

    def install_packages(self) -> None:
        missing = machine.missing_packages(self.settings.mysql == OWN, self.settings.rabbit == OWN)
        machine.install_packages(self.settings, missing)

    def install_release(self) -> None:
        release = releases.release(self.settings.release)
        self.once(f"OpenStack {release.name}", lambda: machine.make_environment(self.settings, release))

    def start_servers(self) -> None:
        """What the services stand on: cache, and database and broker where they are our own."""
        settings = self.settings
        if binary := machine.program("memcached"):
            self.start(services.memcached(settings, binary))
        if settings.mysql == OWN:
            self.once("MariaDB", lambda: databases.initialise(settings))
            self.start(databases.server(settings))
            self.wait_for("mariadb", lambda: machine.listening(settings.ports["mariadb"]))
        if settings.rabbit == OWN:
            self.once("RabbitMQ", lambda: broker.initialise(settings))
            for program in broker.servers(settings):
                self.start(program)
                self.wait_for(program.name, lambda: machine.listening(settings.ports[program.name]))  # noqa: B023
        self.once("broker", lambda: broker.create(settings))

    def manage(self, command: str, config: str, *arguments: str, **environ: str) -> None:
        """Run one of the services' own management commands; its log bears the command's name."""
        settings = self.settings
        program = str(settings.state / "venv" / "bin" / command)
        line = [program, "--config-file", str(settings.state / "etc" / config), *arguments]
        machine.run(settings, command, line, services.QUIET | environ)

    def prepare_keystone(self) -> None:
        """Keystone with its accounts, running: the others look up their own when they start."""
        self.once("Keystone", self.fill_keystone)
        program = next(program for program, _ in services.programs(self.settings) if program.name == "keystone")
        self.start(program)
        self.wait("keystone")
        self.once("accounts", lambda: self.bootstrap("identity"))

    def fill_keystone(self) -> None:
        url = self.settings.url("keystone") + "/v3"
        self.manage("keystone-manage", "keystone.conf", "db_sync")
        owner = ["--keystone-user", str(os.geteuid()), "--keystone-group", str(os.getegid())]
        for keys in ("fernet_setup", "credential_setup"):
            self.manage("keystone-manage", "keystone.conf", keys, *owner)
        self.manage(
            "keystone-manage",
            "keystone.conf",
            "bootstrap",
            OS_BOOTSTRAP_PASSWORD=self.settings.secret("admin"),
            OS_BOOTSTRAP_PUBLIC_URL=url,
            OS_BOOTSTRAP_INTERNAL_URL=url,
            OS_BOOTSTRAP_ADMIN_URL=url,
            OS_BOOTSTRAP_REGION_ID="RegionOne",
        )

    def prepare_neutron(self) -> None:
        self.once("Neutron", lambda: self.manage("neutron-db-manage", "neutron.conf", "upgrade", "heads"))

    def prepare_nova(self) -> None:
        def fill() -> None:
            steps = "api_db sync", "cell_v2 map_cell0", "cell_v2 create_cell --name cell1", "db sync"
            for step in steps:
                self.manage("nova-manage", "nova.conf", *step.split())

        self.once("Nova", fill)

    def prepare_rest(self) -> None:
        self.once("Placement", lambda: self.manage("placement-manage", "placement.conf", "db", "sync"))
        self.once("Glance", lambda: self.manage("glance-manage", "glance-api.conf", "db_sync"))

    def start_services(self) -> None:
        for program, needs in services.programs(self.settings):
            for name in needs:
                self.wait(name)
            self.start(program)
        for name in services.WEB:
            self.wait(name)

    def start(self, program: Program) -> None:
        if not self.keeper.leader(program.name):
            self.say(f"starting {program.name}")
            self.keeper.start(program)

    def wait(self, name: str) -> None:
        """Wait until an API answers."""
        self.wait_for(name, lambda: answers(self.settings.url(name)))

    def wait_for(self, name: str, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + ANSWER_SECONDS
        while not ready():
            if not self.keeper.leader(name):
                raise NotUp(f"{name} ended while it was starting\n{self.keeper.tail(name)}")
            if time.monotonic() > deadline:
                raise NotUp(f"{name} does not answer after {ANSWER_SECONDS:.0f} s\n{self.keeper.tail(name)}")
            time.sleep(0.2)

    def bootstrap(self, step: str) -> None:
        python = str(self.settings.state / "venv" / "bin" / "python")
        command = [python, "-m", "openstack_cloud.bootstrap", str(self.settings.state), step]
        machine.run(self.settings, f"bootstrap-{step}", command, machine.PACKAGE_PATH | services.QUIET)

    def names(self) -> list[str]:
        """The processes this cloud should have, in starting order."""
        own = ["mariadb"] if self.settings.mysql == OWN else []
        own += ["epmd", "rabbitmq"] if self.settings.rabbit == OWN else []
        own += ["memcached"] if machine.program("memcached") else []
        return [*own, *services.WEB, *services.WORKERS]

    def lacking(self) -> list[str]:
        """What does not run or does not answer."""
        silent = [name for name in services.WEB if not answers(self.settings.url(name))]
        return [name for name in self.names() if name in silent or not self.keeper.leader(name)]

    def down(self) -> list[str]:
        """End our processes, the services before what they stand on; the names of those that ran."""
        base = [name for name in ("rabbitmq", "epmd", "mariadb") if name in self.keeper.names()]
        ran = self.keeper.stop([name for name in self.keeper.names() if name not in base])
        for name in base:
            ran += self.keeper.stop([name])
        return ran

    def purge(self) -> None:
        """Remove all that was made, here and in the machine's servers."""
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
    """Whether an API answers at its root; one that asks who we are does."""
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310 our own loopback URL
            return True
    except urllib.error.HTTPError as refused:
        return refused.code < 500
    except OSError:
        return False
