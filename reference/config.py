"""Settings: everything an operator sets, in one frozen value, handed down and never global.

A field's metadata says what it is for and how its text is parsed; `reference.settings_sources` derives flags, variables
and the file's keys from it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SERVICES = ("identity", "image", "network", "compute")
LOG_FORMATS = ("text", "json")
KEYSTONE = "keystone"
CHECKERS = ("identity", KEYSTONE)


def as_positive(text: str) -> int:
    """A number of at least 1."""
    return _number(text, 1, None, "a positive number")


def as_count(text: str) -> int:
    return _number(text, 0, None, "a number from 0 up")


def as_port(text: str) -> int:
    return _number(text, 0, 65535, "a port")


def as_service_port(text: str) -> tuple[str, int]:
    """SERVICE=PORT, as the service's name and its port."""
    name, _, number = text.partition("=")
    return _one_of(SERVICES, name), as_port(number)


def as_yes_or_no(text: str) -> bool:
    if text.lower() not in ("yes", "no", "true", "false", "1", "0"):
        raise ValueError(f"{text} is neither yes nor no")
    return text.lower() in ("yes", "true", "1")


def as_path(text: str) -> Path:
    return Path(text).expanduser().absolute()


def as_log_format(text: str) -> str:
    return _one_of(LOG_FORMATS, text)


def as_checker(text: str) -> str:
    return _one_of(CHECKERS, text)


def as_services(text: str) -> tuple[str, ...]:
    """SERVICE,SERVICE,...: those services, in the order of SERVICES."""
    selection = {_one_of(SERVICES, name.strip()) for name in text.split(",")}
    return tuple(name for name in SERVICES if name in selection)


def as_url(text: str) -> str:
    """The URL of a service, without a trailing slash."""
    if not text.startswith(("http://", "https://")):
        raise ValueError(f"{text!r} is not an http or https URL")
    return text.rstrip("/")


def _one_of(choices: tuple[str, ...], text: str) -> str:
    """The text, if it is one of the choices. Raises ValueError."""
    if text not in choices:
        raise ValueError(f"{text!r} is not one of {', '.join(choices)}")
    return text


def _number(text: str, low: int, high: int | None, what: str) -> int:
    """The number in the text, within the bounds; `what` describes it in the error. Raises ValueError."""
    try:
        number = int(text)
    except ValueError:
        raise ValueError(f"{text} is not {what}") from None
    if number < low or (high is not None and number > high):
        raise ValueError(f"{text} is not {what}")
    return number


def _about(text: str, read: Callable[[str], Any] = str, **more: Any) -> dict[str, Any]:
    """A field's metadata: what the setting is for, how its text is parsed, and `more` where it is not plain.

    That is its `name`, its `metavar`; `several` where it may be repeated; `bare`, the value of its flag without one;
    `secret`, which means that it has no flag: process lists show those to everyone.
    """
    return {"about": text, "read": read, **more}


@dataclass(frozen=True)
class Settings:
    """The settings of `gman serve`.

    `port` 0 lets the system choose; `ports` pairs services with ports of their own, instead of a path on the shared
    one; `database` is SQLAlchemy's URL, a SQLite file in `data` by default. `services` empty means all that can be
    served. The `_url` of a service is empty where it is served here, or where Keystone's catalog has it.
    """

    host: str = field(default="127.0.0.1", metadata=_about("address to listen on"))
    port: int = field(default=5050, metadata=_about("port to listen on; 0 lets the system choose", as_port))
    data: Path = field(
        default_factory=lambda: Path.home() / ".local" / "share" / "gman",
        metadata=_about("directory for the database and credentials", as_path),
    )
    database: str = field(
        default="",
        metadata=_about(
            "SQLAlchemy URL of the database, a SQLite file in DATA if not given; "
            "a password in it stays out of the process list when it comes as GMAN_DB or from the file",
            name="db",
            metavar="URL",
        ),
    )
    workers: int = field(default=2, metadata=_about("worker processes", as_positive))
    threads: int = field(default=16, metadata=_about("request threads of each worker", as_positive))
    arrival_seconds: int = field(
        default=30,
        metadata=_about("how long a request may take to arrive, from its first byte on", as_positive),
    )
    ports: tuple[tuple[str, int], ...] = field(
        default=(),
        metadata=_about(
            "give a service a port of its own, at its root; may be repeated",
            as_service_port,
            name="service-port",
            metavar="SERVICE=PORT",
            several=True,
        ),
    )
    region: str = field(default="RegionOne", metadata=_about("the region its catalog names"))
    compute_host: str = field(default="c1", metadata=_about("the compute host that builds here"))
    compute_only: bool = field(
        default=False,
        metadata=_about("serve nothing: only build what others on this database accept", as_yes_or_no, bare="yes"),
    )
    with_input: bool = field(
        default=False,
        metadata=_about("end when standard input does: with whoever started it", as_yes_or_no, bare="yes"),
    )
    discard_data: bool = field(
        default=False,
        metadata=_about("delete the data directory, empty at the start, at the end", as_yes_or_no, bare="yes"),
    )
    guests: bool = field(
        default=False,
        metadata=_about("run the servers, on networks that carry packets (Linux)", as_yes_or_no, bare="yes"),
    )
    guest_seconds: int = field(
        default=3600, metadata=_about("how long a server runs at most, with --guests", as_positive)
    )
    compute_version: int = field(
        default=70,
        metadata=_about("the service version the compute host reports; below 12, auto and none mean nothing", as_count),
    )
    builders: int = field(
        default=2,
        metadata=_about("threads of each worker that build servers; 0 leaves that to other processes", as_count),
    )
    token_seconds: int = field(default=24 * 3600, metadata=_about("how long a token is good for", as_positive))
    work_key: str = field(
        default="",
        repr=False,
        metadata=_about("what tokens of waiting work are encrypted with, on all hosts of a database", secret=True),
    )
    log_format: str = field(default="text", metadata=_about("text, or json: one object a line", as_log_format))
    control_port: int = field(
        default=0, metadata=_about("loopback port of the control surface (pause points, reset); 0 is off", as_port)
    )
    services: tuple[str, ...] = field(
        default=(),
        metadata=_about(
            f"what to serve, of {','.join(SERVICES)}; without it all, but no identity beside a Keystone",
            as_services,
            metavar="SERVICE,...",
        ),
    )
    auth: str = field(
        default=CHECKERS[0],
        metadata=_about(
            "who checks tokens: identity, the one of this database, or keystone, a real one (extra keystone)",
            as_checker,
            metavar="WHO",
        ),
    )
    identity_url: str = field(default="", metadata=_about("the Keystone, as http://127.0.0.1:5000/v3", as_url))
    network_url: str = field(
        default="",
        metadata=_about("the Networking that Compute works with, if it is not served here", as_url),
    )
    image_url: str = field(
        default="", metadata=_about("the Image service that Compute works with, if it is not served here", as_url)
    )
    service_user: str = field(default="gman", metadata=_about("the services' own user in a real Keystone"))
    service_password: str = field(default="", repr=False, metadata=_about("that user's password", secret=True))
    service_project: str = field(default="service", metadata=_about("the project that user works in"))
    service_domain: str = field(default="Default", metadata=_about("the domain of that user and project"))

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.data / 'gman.sqlite'}"

    @property
    def consoles(self) -> Path:
        """The directory of what servers that run say, a file each, by the server's id."""
        return self.data / "consoles"

    @property
    def beside_keystone(self) -> bool:
        return self.auth == KEYSTONE

    @property
    def served(self) -> tuple[str, ...]:
        """The names of the services that are served here."""
        return self.services or (SERVICES[1:] if self.beside_keystone else SERVICES)

    @property
    def elsewhere(self) -> dict[str, str]:
        """The URLs in the settings of services that are not served here, by name."""
        urls = {"identity": self.identity_url, "network": self.network_url, "image": self.image_url}
        return {name: url for name, url in urls.items() if url}

    def url(self, service: str) -> str:
        """The URL of a service, without a trailing slash."""
        if service in self.elsewhere:
            return self.elsewhere[service]
        port = dict(self.ports).get(service)
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{port}" if port else f"http://{host}:{self.port}/{service}"
