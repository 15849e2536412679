"""The settings of one cloud: its state directory, its release, the reference's part in it, its ports, its secrets."""

import hashlib
import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from . import releases
from .errors import UsageError

PORTS = {
    "keystone": 5000,
    "placement": 8778,
    "glance": 9292,
    "neutron": 9696,
    "nova": 8774,
    "memcached": 21211,
    "mariadb": 23306,
    "rabbitmq": 25671,
    "rabbitmq-peers": 25673,
    "epmd": 24369,
    "reference": 5050,
}
REFERENCE = "reference"
OVN, AGENTS = "ovn", "agents"
OVERLAY, VLAN = "overlay", "vlan"
TENANTS = (OVERLAY, VLAN)  # types of tenants' networks; the first is the default
NO_GUESTS, NAMESPACES, MACHINES = "none", "namespaces", "machines"
GUESTS = (NO_GUESTS, NAMESPACES, MACHINES)  # kinds of servers
NETWORKS = (OVN, AGENTS)  # back ends of Neutron; the first is the default
# (back end, reference) -> the first port of a cloud that is not a whole one on OVN, so that both can be up at once
FIRST_PORTS = {("", "network"): 15100, (OVN, "compute"): 15200, (AGENTS, ""): 15300, (AGENTS, "compute"): 15400}
OWN = "own"
INSTALLED = "done/OpenStack {}"  # below a state directory: its virtual environment is complete
PLAIN_PATH = re.compile(r"/[A-Za-z0-9_./+-]{1,70}")  # paths that can stand unquoted in uWSGI's and the services' files
PACKAGE_PATH = {"PYTHONPATH": str(Path(__file__).parent.parent)}  # lets the cloud's Python find us
ROOT = Path(__file__).resolve().parent.parent.parent  # of this project


@dataclass(frozen=True)
class Settings:
    """A cloud's fixed facts, kept in its state directory.

    `mysql` and `rabbit` are a URL, "own" for a server of the cloud's own, or "" for the machine's server. `reference`
    is the service that this project's reference stands in for, "" for none. `network` is the back end of a real
    Neutron, `tenants` the type of tenants' networks, `guests` the kind of servers. `installed` is the state directory
    whose virtual environment this cloud uses, "" for its own.
    """

    state: Path
    release: str
    port_base: int | None = None
    mysql: str = ""
    rabbit: str = ""
    reference: str = ""
    installed: str = ""
    network: str = OVN
    guests: str = NO_GUESTS
    tenants: str = OVERLAY

    @property
    def backend(self) -> str:
        """Neutron's back end, "" where the reference is in Neutron's place."""
        return "" if self.reference == "network" else self.network

    @property
    def file(self) -> Path:
        return self.state / "settings.json"

    @property
    def venv(self) -> Path:
        return Path(self.installed or self.state) / "venv"

    @property
    def etc(self) -> Path:
        return self.state / "etc"

    def bin(self, program: str) -> str:
        return str(self.venv / "bin" / program)

    def done(self, step: str) -> Path:
        """The file that says that a step of the set-up need not be taken again."""
        return self.state / "done" / step

    @property
    def ports(self) -> dict[str, int]:
        base = self.port_base or FIRST_PORTS.get((self.backend, self.reference))
        return {name: base + offset for offset, name in enumerate(PORTS)} if base else PORTS

    def url(self, service: str) -> str:
        return f"http://127.0.0.1:{self.ports[service]}"

    @property
    def prefix(self) -> str:
        """The prefix of names of all objects outside the state directory: databases, users, virtual host."""
        place = hashlib.sha256(str(self.state).encode()).hexdigest()[:6]
        return f"gman_{self.release.replace('.', '_')}_{place}"

    def save(self) -> None:
        for name in ("", "done", "etc", "log", "run", "data"):
            (self.state / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        facts = {name: value for name, value in vars(self).items() if name != "state"}
        write_private(self.file, json.dumps(facts, indent=1))

    def secret(self, name: str) -> str:
        """The random password of that name, made on first use."""
        store = self.state / "secrets.json"
        passwords: dict[str, str] = json.loads(store.read_text()) if store.exists() else {}
        if name not in passwords:
            passwords[name] = secrets.token_hex(16)
            write_private(store, json.dumps(passwords, indent=1))
        return passwords[name]


def default_state(release: str, environ: Mapping[str, str], reference: str = "", network: str = OVN) -> Path:
    """The default state directory of a release, in the user's cache directory."""
    cache, home = environ.get("XDG_CACHE_HOME", ""), environ.get("HOME", "")
    other = f"-{AGENTS}" if network == AGENTS and reference != "network" else ""
    name = f"openstack-{release}{other}" + (f"-reference-{reference}" if reference else "")
    if os.path.isabs(cache):
        return Path(cache) / "gman" / name
    if not home:
        raise UsageError("HOME is not set, so there is no default place for the state: name one with --state DIR")
    return Path(home) / ".cache" / "gman" / name


def borrowed(facts: Settings, environ: Mapping[str, str]) -> str:
    """The state directory whose virtual environment a cloud can use: the default place of the whole one on OVN.

    "" where there is none of that release, and where the cloud has one of its own.
    """
    mark = INSTALLED.format(facts.release)
    try:
        whole = default_state(facts.release, environ)
    except UsageError:  # there is no such folder
        return ""
    return str(whole) if (whole / mark).exists() and not (facts.state / mark).exists() else ""


def load(state: Path) -> Settings | None:
    """The cloud kept in a directory, None where there is none."""
    file = state / "settings.json"
    try:
        return Settings(state, **{"network": AGENTS} | json.loads(file.read_text()))  # for clouds of earlier versions
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, TypeError):
        raise UsageError(f"{file} is damaged: remove {state}, or name another directory with --state") from None


def choose(
    state: Path, release: str | None, port_base: int | None, reference: str = "", network: str | None = None
) -> Settings:
    """The cloud to bring up: the one kept in `state`, or a new one there."""
    if not PLAIN_PATH.fullmatch(str(state)):
        raise UsageError(f"--state {str(state)!r}: use at most 70 letters, digits and _ . / + -")
    existing = load(state)
    if existing is None:
        if state.exists() and not (state.is_dir() and not any(state.iterdir())):
            raise UsageError(f"{state} holds something else: name an empty directory with --state")
        if port_base is not None and not 1024 <= port_base <= 65535 - len(PORTS):
            raise UsageError(f"--port-base {port_base}: use a number from 1024 to {65535 - len(PORTS)}")
        name = releases.release(release or releases.DEFAULT).name
        return Settings(state, name, port_base, reference=reference, network=network or NETWORKS[0])
    if release not in (None, existing.release):
        raise UsageError(f"{state} holds release {existing.release}: name another directory with --state")
    if reference not in ("", existing.reference):
        kind = f"--reference {existing.reference}" if existing.reference else "no --reference"
        raise UsageError(f"{state} holds a cloud with {kind}: name another directory with --state")
    if existing.backend and network not in (None, existing.network):
        raise UsageError(
            f"{state} holds a cloud with --network {existing.network}: name another directory with --state"
        )
    if port_base not in (None, existing.port_base):
        raise UsageError(f"{state} holds a cloud on other ports: leave --port-base out, or `down --purge` first")
    return existing


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
    draft.replace(path)
