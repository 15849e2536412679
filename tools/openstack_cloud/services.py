"""The services of a cloud as programs; `services.toml` lists them."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .processes import Program
from .settings import PACKAGE_PATH, Settings

TABLES: dict[str, dict[str, Any]] = tomllib.loads(Path(__file__).with_name("services.toml").read_text())
WEB, WORKERS = TABLES["web"], TABLES["worker"]
QUIET = {"PYTHONWARNINGS": "ignore"}


def programs(settings: Settings) -> Iterator[tuple[Program, list[str]]]:
    """Every service in starting order, with the names of the APIs that must answer before it starts."""
    place = {"venv": settings.venv, "etc": settings.etc}
    for name, web in WEB.items():
        ini = f"{settings.etc}/uwsgi-{name}.ini"
        environ = {key: value.format(**place) for key, value in web["environ"].items()}
        yield Program(name, [settings.bin("uwsgi"), "--ini", ini], ini, QUIET | environ), web.get("needs", [])
    for name, worker in WORKERS.items():
        command, *rest = worker["command"].split()
        line = [settings.bin(command), *rest, *config_files(settings, worker["configs"])]
        yield Program(name, line, line[-1], QUIET | PACKAGE_PATH), worker["needs"]


def config_files(settings: Settings, names: list[str]) -> list[str]:
    """The options that make one of the services' programs read these files."""
    return [part for name in names for part in ("--config-file", f"{settings.etc}/{name}")]


def memcached(settings: Settings, binary: str) -> Program:
    port = str(settings.ports["memcached"])
    command = [binary, "-u", "nobody", "-l", "127.0.0.1", "-p", port, "-m", "128", "-c", "2048"]
    return Program("memcached", command, f"-p {port}")
