"""The OpenStack releases that can be brought up, as data."""

from dataclasses import dataclass
from pathlib import Path

from .errors import UsageError

PINS = Path(__file__).parent / "constraints"


@dataclass(frozen=True)
class Release:
    """One coordinated release.

    `packages` maps each service's distribution to its version; `constraints` names the file that pins
    everything below them.
    """

    name: str
    packages: dict[str, str]

    @property
    def constraints(self) -> Path:
        return PINS / f"{self.name}.txt"

    @property
    def requirements(self) -> list[str]:
        """What pip is asked for: the services, and the libraries they load by configuration only."""
        services = [f"{name}=={version}" for name, version in self.packages.items()]
        return [*services, "PyMySQL", "python-memcached", "uWSGI", "setuptools<81"]


RELEASES = {
    release.name: release
    for release in (
        Release(
            "2025.2",
            {
                "keystone": "28.1.0",
                "openstack-placement": "14.0.0",
                "glance": "31.1.0",
                "neutron": "27.0.4",
                "nova": "32.2.1",
            },
        ),
    )
}
DEFAULT = "2025.2"


def release(name: str) -> Release:
    """The release of that name, `UsageError` if there is none."""
    if name not in RELEASES:
        raise UsageError(f"release {name!r} is not known: choose one of {', '.join(RELEASES)}")
    return RELEASES[name]
