"""The way from nothing, or from a cloud that was ended, to one that answers."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from . import accounts, broker, configs, databases, guest_image, libvirt, machine, ovn, releases, services
from .cloud import Cloud
from .errors import NotUpError
from .settings import MACHINES, NO_GUESTS, OWN, PACKAGE_PATH, ROOT

NOVA_FILES = ["nova.conf", "nova-databases.conf"]
NOVA_STEPS = ("api_db sync", "cell_v2 map_cell0", "cell_v2 create_cell --name cell1", "db sync")
LAST_STEP = "compute host"


class Setup:
    """The steps that bring a cloud up. What is set up once is marked as done and not done again."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud, self.settings = cloud, cloud.settings

    def is_complete(self) -> bool:
        """Whether the cloud was up before, so that only its processes have to be started."""
        return self.settings.done(LAST_STEP).exists()

    def run(self) -> None:
        """Bring up everything that is not up, and return when all of it answers."""
        settings = self.settings
        self.once("packages", partial(machine.install_packages, settings))
        self.install_reference()
        together(self.install_release, self.start_servers, self.start_ovn)
        if settings.guests == MACHINES:
            self.once("libvirt", partial(machine.install_libvirt, settings))
            self.once("image", partial(guest_image.build, settings))
        self.once("databases", partial(databases.create, settings))
        accounts.write(settings)
        cached = self.cloud.keeper.leader("memcached") is not None
        urls = databases.services_url(settings), broker.services_url(settings)
        configs.write(settings, configs.common(settings, *urls, memcached=cached))
        together(self.prepare_keystone, *self.preparations())
        self.start_services()
        self.check_workers([])  # no wait for processes that ended at once
        self.check_workers(self.bootstrap("resources").split())
        self.once(LAST_STEP, self.discover_hosts)

    def once(self, step: str, action: Callable[[], object]) -> None:
        mark = self.settings.done(step)
        if not mark.exists():
            self.cloud.say(f"setting up: {step}")
            action()
            mark.touch()

    def install_reference(self) -> None:
        """Update this project's own environment if a program of it is part of the cloud."""
        if self.settings.reference or self.settings.guests != NO_GUESTS:
            extras = ["keystone"] if self.settings.reference else []
            command = [machine.python(), str(ROOT / "tools" / "setup"), *extras]
            machine.run(self.settings, "setup", command, machine.pip_environment())

    def install_release(self) -> None:
        if self.settings.installed:
            return
        release = releases.release(self.settings.release)
        self.once(f"OpenStack {release.name}", partial(machine.install_release, self.settings, release))

    def start_servers(self) -> None:
        """Start the servers below the services: the cache, and database and broker where they are our own."""
        settings = self.settings
        if binary := machine.program("memcached"):
            self.cloud.start(services.memcached(settings, binary))
        if settings.mysql == OWN:
            self.once("MariaDB", partial(databases.initialise, settings))
            self.cloud.start_server(databases.server(settings))
        if settings.rabbit == OWN:
            self.once("RabbitMQ", partial(broker.initialise, settings))
            for program in broker.servers(settings):
                self.cloud.start_server(program)
        self.once("broker", partial(broker.create, settings))

    def start_ovn(self) -> None:
        """Start OVN if it is Neutron's back end; returns when its database knows the compute node."""
        settings, cloud = self.settings, self.cloud
        if not ovn.used(settings):
            return
        ovn.prepare(settings)
        for program in ovn.databases(settings):
            cloud.start(program)
            cloud.wait_until(program.name, partial(ovn.accepts, settings, program.name))
        ovn.describe_node(settings)
        for program in ovn.daemons(settings):
            cloud.start(program)
        cloud.wait_until("ovn-controller", partial(ovn.reported, settings))

    def prepare_keystone(self) -> None:
        """Start Keystone with all accounts in it: the others look up their own when they start."""
        self.once("Keystone", self.fill_keystone)
        self.cloud.start(next(program for program, _ in services.programs(self.settings)))
        self.cloud.wait("keystone")
        self.once("accounts", partial(self.bootstrap, "identity"))

    def fill_keystone(self) -> None:
        owner = f"--keystone-user {os.geteuid()} --keystone-group {os.getegid()}"
        url = self.settings.url("keystone") + "/v3"
        environ = {f"OS_BOOTSTRAP_{interface}_URL": url for interface in ("PUBLIC", "INTERNAL", "ADMIN")}
        environ |= {"OS_BOOTSTRAP_PASSWORD": self.settings.secret("admin"), "OS_BOOTSTRAP_REGION_ID": "RegionOne"}
        for step in ("db_sync", f"fernet_setup {owner}", f"credential_setup {owner}", "bootstrap"):
            self.manage("keystone-manage", ["keystone.conf"], step, environ)

    def preparations(self) -> list[Callable[[], None]]:
        """The steps that fill the databases of the services that run, but for Keystone's."""
        steps = {"neutron": self.prepare_neutron, "nova": self.prepare_nova, "glance": self.prepare_glance}
        steps["placement"] = self.prepare_placement
        return [step for name, step in steps.items() if name in services.web(self.settings)]

    def prepare_neutron(self) -> None:
        self.once("Neutron", partial(self.manage, "neutron-db-manage", ["neutron.conf"], "upgrade heads"))

    def prepare_nova(self) -> None:
        for step in NOVA_STEPS:
            self.once(f"Nova, {step}", partial(self.manage, "nova-manage", NOVA_FILES, step))

    def prepare_glance(self) -> None:
        self.once("Glance", partial(self.manage, "glance-manage", ["glance-api.conf"], "db_sync"))

    def prepare_placement(self) -> None:
        self.once("Placement", partial(self.manage, "placement-manage", ["placement.conf"], "db sync"))

    def discover_hosts(self) -> None:
        if "nova" in services.web(self.settings):
            self.manage("nova-manage", NOVA_FILES, "cell_v2 discover_hosts")

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
                self.cloud.wait(name)
            self.cloud.start(program)
            if program.name == "libvirtd":
                self.cloud.wait_until(program.name, partial(libvirt.accepts, self.settings))
        for name in services.apis(self.settings):
            self.cloud.wait(name)

    def check_workers(self, silent: list[str]) -> None:
        """Raise `NotUpError` for workers that ended, or did not report."""
        keeper = self.cloud.keeper
        failed = silent or [name for name in services.workers(self.settings) if not keeper.leader(name)]
        if failed:
            tails = [keeper.tail(name) for name in failed]
            raise NotUpError("\n".join([f"started, but not at work: {', '.join(failed)}", *tails]))


def together(*steps: Callable[[], object]) -> None:
    """Take steps two at a time; the first failure is raised when all have ended."""
    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(step) for step in steps]
    for job in jobs:
        job.result()
