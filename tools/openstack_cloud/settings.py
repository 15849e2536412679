"""What one cloud is: where its state lives, its release, its ports, its secrets."""

import hashlib
import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
}
OWN = "own"
PLAIN = re.compile(r"[A-Za-z0-9_./+-]{1,80}")


def default_state(release: str, environ: Mapping[str, str]) -> Path:
    """Where a release's state goes when --state does not say: under the user's cache directory."""
    cache = environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(cache):
        return Path(cache) / "gman" / f"openstack-{release}"
    if not environ.get("HOME"):
        raise UsageError("HOME is not set, so there is no default state directory: name one with --state DIR")
    return Path(environ["HOME"]) / ".cache" / "gman" / f"openstack-{release}"


@dataclass(frozen=True)
class Settings:
    """A cloud's fixed facts, chosen by the first `up` and kept in its state directory.

    `mysql` and `rabbit` are what GMAN_MYSQL_URL and GMAN_RABBIT_URL said then, "" when they were not set.
    """

    state: Path
    release: str
    port_base: int | None = None
    mysql: str = ""
    rabbit: str = ""

    @property
    def ports(self) -> dict[str, int]:
        if self.port_base is None:
            return PORTS
        return {name: self.port_base + offset for offset, name in enumerate(PORTS)}

    @property
    def prefix(self) -> str:
        """Begins the name of everything made outside the state directory (databases, users, vhost)."""
        place = hashlib.sha256(str(self.state).encode()).hexdigest()[:6]
        return f"gman_{self.release.replace('.', '_')}_{place}"

    def url(self, service: str) -> str:
        return f"http://127.0.0.1:{self.ports[service]}"

    @property
    def file(self) -> Path:
        return self.state / "settings.json"

    def save(self) -> None:
        for name in ("", "done", "etc", "log", "run", "data"):
            (self.state / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        facts = {k: v for k, v in vars(self).items() if k != "state"}
        write_private(self.file, json.dumps(facts, indent=1))

    def secret(self, name: str) -> str:
        """The random password of that name, made on first use."""
        store = self.state / "secrets.json"
        known: dict[str, str] = json.loads(store.read_text()) if store.exists() else {}
        if name not in known:
            known[name] = secrets.token_hex(16)
            write_private(store, json.dumps(known, indent=1))
        return known[name]

    def done(self, step: str) -> Path:
        """The file that says a step of the first `up` need not be taken again."""
        return self.state / "done" / step


def load(state: Path) -> Settings | None:
    """The cloud kept in a directory, None where there is none."""
    file = state / "settings.json"
    if not file.exists():
        return None
    facts: dict[str, Any] = json.loads(file.read_text())
    return Settings(state, **facts)


def choose(state: Path, release: str | None, port_base: int | None, environ: Mapping[str, str]) -> Settings:
    """The cloud to bring up: the one kept in `state`, or a new one there."""
    check_place(state)
    kept = load(state)
    if kept is None:
        if state.exists() and any(state.iterdir()):
            raise UsageError(f"{state} holds something else: choose an empty directory with --state")
        check_ports(port_base)
        mysql, rabbit = environ.get("GMAN_MYSQL_URL", ""), environ.get("GMAN_RABBIT_URL", "")
        return Settings(state, release or releases.DEFAULT, port_base, mysql, rabbit)
    for asked, have, what in ((release, kept.release, "release"), (port_base, kept.port_base, "port base")):
        if asked not in (None, have):
            raise UsageError(f"{state} holds a cloud of {what} {have}: use another --state, or `down --purge` it")
    return kept


def check_place(state: Path) -> None:
    if not PLAIN.fullmatch(str(state)):
        raise UsageError(f"state directory {str(state)!r}: at most 80 letters, digits and _ . / + - can be used")


def check_ports(base: int | None) -> None:
    if base is not None and not 1024 <= base <= 65535 - len(PORTS):
        raise UsageError(f"--port-base {base}: choose a number from 1024 to {65535 - len(PORTS)}")


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
    draft.replace(path)
