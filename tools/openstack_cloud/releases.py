"""The OpenStack releases that can be brought up; `releases.toml` lists them."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from .errors import UsageError

HERE = Path(__file__).parent
RELEASES: dict[str, dict[str, str]] = tomllib.loads((HERE / "releases.toml").read_text())
DEFAULT = "2026.2"
# Loaded by the services through their configuration only, so that no dependency asks for them.
BESIDES = ("PyMySQL", "python-memcached", "uWSGI", "setuptools<81")


@dataclass(frozen=True)
class Release:
    """One coordinated release: the packages that pip installs, and the file that pins their dependencies."""

    name: str
    requirements: tuple[str, ...]
    constraints: Path


def release(name: str) -> Release:
    """The release of that name; `UsageError` if there is none."""
    if name not in RELEASES:
        raise UsageError(f"release {name!r} is not known: choose one of {', '.join(RELEASES)}")
    services = (f"{package}=={version}" for package, version in RELEASES[name].items())
    return Release(name, (*services, *BESIDES), HERE / "constraints" / f"{name}.txt")
