"""The services of a cloud: how each is started, and what must answer before it can be."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .processes import Program
from .settings import Settings


@dataclass(frozen=True)
class Web:
    """An API that uWSGI serves. `{etc}` and `{venv}` in its texts stand for those directories."""

    module: str
    processes: int
    environ: dict[str, str]
    arguments: str = ""
    needs: tuple[str, ...] = ("keystone",)


@dataclass(frozen=True)
class Worker:
    """A program that answers on the message bus only; `command` is under the environment's bin."""

    command: str
    config: str
    needs: tuple[str, ...] = field(default=("keystone",))


WEB = {
    "keystone": Web(
        "keystone.wsgi.api:application", 2, {"OS_KEYSTONE_CONFIG_FILES": "{etc}/keystone.conf"}, needs=()
    ),
    "placement": Web("placement.wsgi.api:application", 2, {"OS_PLACEMENT_CONFIG_DIR": "{etc}"}),
    "neutron": Web(
        "neutron.wsgi.api:application",
        4,
        {"OS_NEUTRON_CONFIG_DIR": "{etc}", "OS_NEUTRON_CONFIG_FILES": "neutron.conf"},
        arguments="--config-file {etc}/neutron.conf",
    ),
    "glance": Web("glance.wsgi.api:application", 1, {"OS_GLANCE_CONFIG_DIR": "{etc}"}),
    # Nova takes the first of its files for the paste file, whatever it is called.
    "nova": Web(
        "nova.wsgi.osapi_compute:application",
        2,
        {"OS_NOVA_CONFIG_FILES": "{venv}/etc/nova/api-paste.ini;{etc}/nova.conf"},
        needs=("placement",),
    ),
}
WORKERS = {
    "neutron-rpc-server": Worker("neutron-rpc-server", "neutron.conf"),
    "neutron-periodic-workers": Worker("neutron-periodic-workers", "neutron.conf"),
    "l2-agent": Worker(f"python -P {Path(__file__).with_name('l2_agent.py')}", "neutron.conf"),
    # These three call Placement while they start and give up when it does not answer.
    "nova-conductor": Worker("nova-conductor", "nova.conf", needs=("placement",)),
    "nova-scheduler": Worker("nova-scheduler", "nova.conf", needs=("placement",)),
    "nova-compute": Worker("nova-compute", "nova-compute.conf", needs=("placement", "neutron", "nova")),
}
QUIET = {"PYTHONWARNINGS": "ignore"}


def programs(settings: Settings) -> Iterator[tuple[Program, tuple[str, ...]]]:
    """Every service in starting order, with the names of the APIs that must answer before it starts."""
    venv, etc = settings.state / "venv", settings.state / "etc"
    path = {"PATH": f"{venv}/bin:/usr/sbin:/usr/bin:/sbin:/bin", **QUIET}
    for name, web in WEB.items():
        ini = f"{etc}/uwsgi-{name}.ini"
        environ = {key: value.format(etc=etc, venv=venv) for key, value in web.environ.items()}
        yield Program(name, [f"{venv}/bin/uwsgi", "--ini", ini], ini, path | environ), web.needs
    for name, worker in WORKERS.items():
        command = [*f"{venv}/bin/{worker.command}".split(), "--config-file", f"{etc}/{worker.config}"]
        yield Program(name, command, worker.command.split("/")[-1], path), worker.needs


def memcached(settings: Settings, binary: str) -> Program:
    port = str(settings.ports["memcached"])
    command = [binary, "-u", "nobody", "-l", "127.0.0.1", "-p", port, "-m", "128", "-c", "2048"]
    return Program("memcached", command, f"-p {port}")
