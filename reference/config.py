"""Settings: everything an operator sets, one frozen value, handed down and never global."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

SERVICES = ("identity", "image", "network", "compute")


@dataclass(frozen=True)
class Settings:
    """What `gman serve` was told.

    `port` 0 lets the system choose; `ports` gives services an address of their own (service name -> port) instead of
    a path on the shared one; `database` is SQLAlchemy's URL, a SQLite file in `data` by default.
    """

    host: str = "127.0.0.1"
    port: int = 5050
    data: Path = field(default_factory=lambda: Path.home() / ".local" / "share" / "gman")
    database: str = ""
    workers: int = 2
    threads: int = 16
    ports: tuple[tuple[str, int], ...] = ()
    region: str = "RegionOne"
    compute_host: str = "c1"
    builders: int = 2  # threads of each worker process that build servers; 0 leaves that to other processes
    token_seconds: int = 24 * 3600

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.data / 'gman.sqlite'}"

    def url(self, service: str) -> str:
        """Where a service answers, without a trailing slash."""
        own = dict(self.ports).get(service)
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{own}" if own else f"http://{host}:{self.port}/{service}"
