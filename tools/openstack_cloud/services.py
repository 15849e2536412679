"""The services of a cloud as programs; `services.toml` lists them.

In a mixture the reference of this project stands in for one service; it is the program `reference`.
"""

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import ovn
from .processes import Program
from .settings import PACKAGE_PATH, REFERENCE, ROOT, Settings

Table = dict[str, dict[str, Any]]
TABLES: dict[str, Table] = tomllib.loads(Path(__file__).with_name("services.toml").read_text())
MIXTURES = TABLES["mixture"]
BACKENDS = TABLES["backend"]
GUESTS = TABLES["guests"]
OWN_NETWORK = ("unshare", "--net")
QUIET = {"PYTHONWARNINGS": "ignore"}


def web(settings: Settings) -> Table:
    """The APIs that uWSGI serves."""
    return _without(TABLES["web"], settings)


def workers(settings: Settings) -> Table:
    return _without(TABLES["worker"], settings)


def _without(table: Table, settings: Settings) -> Table:
    left_out: set[str] = set()
    kinds = ((settings.reference, MIXTURES), (settings.backend, BACKENDS), (settings.guests, GUESTS))
    for choice, choices in kinds:
        left_out.update(choices[choice]["without"] if choice else ())
    return {name: service for name, service in table.items() if name not in left_out}


def apis(settings: Settings) -> list[str]:
    """The names of all services with an HTTP API, in starting order."""
    return [*web(settings), *([REFERENCE] if settings.reference else [])]


def programs(settings: Settings) -> Iterator[tuple[Program, list[str]]]:
    """Every service in starting order, with the names of the APIs that must answer before it starts."""
    place = {"venv": settings.venv, "etc": settings.etc}
    for name, service in web(settings).items():
        ini = f"{settings.etc}/uwsgi-{name}.ini"
        environ = {key: value.format(**place) for key, value in service["environ"].items()}
        yield Program(name, [settings.bin("uwsgi"), "--ini", ini], ini, QUIET | environ), service.get("needs", [])
    if settings.reference:
        file = f"{settings.etc}/{REFERENCE}.toml"
        yield Program(REFERENCE, [gman(), "serve", "--config", file], file, QUIET), ["keystone"]
    others = GUESTS[settings.guests].get("commands", {})
    for name, worker in workers(settings).items():
        command, *rest = others.get(name, worker["command"]).format(state=settings.state, gman=gman()).split()
        line = [settings.bin(command), *rest, *config_files(settings, worker["configs"])]
        line = [*(ovn.isolated() if worker.get("isolated") else ()), *line]
        line = [*(OWN_NETWORK if worker.get("own_network") else ()), *line]
        line = [*(ovn.inside(settings) if worker.get("on_node") else ()), *line]
        environ = {key: value.format(**place) for key, value in worker.get("environ", {}).items()}
        yield Program(name, line, line[-1], QUIET | PACKAGE_PATH | environ), worker["needs"]


def gman() -> str:
    """The reference's program, in the virtual environment that tools/setup makes."""
    return str(Path(os.environ.get("GMAN_VENV") or ROOT / ".venv").absolute() / "bin" / "gman")


def config_files(settings: Settings, names: list[str]) -> list[str]:
    """The options that make one of the services' programs read these files."""
    return [part for name in names for part in ("--config-file", f"{settings.etc}/{name}")]


def memcached(settings: Settings, binary: str) -> Program:
    port = str(settings.ports["memcached"])
    command = [binary, "-u", "nobody", "-l", "127.0.0.1", "-p", port, "-m", "128", "-c", "2048"]
    return Program("memcached", command, f"-p {port}")
