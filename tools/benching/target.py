"""The clouds that are measured: references started for it, on one kind of database each, and clouds of clouds.yaml."""

import json
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import fixtures
from empty_database import KINDS, Unreachable, empty

from conformance.deadlines import Deadlines
from conformance.projects.journal import Journal
from conformance.projects.scratch import ScratchProjects
from conformance.run.embedded import ADMIN_CLOUD, CLOUD, Embedded
from conformance.settings import UsageProblem
from conformance.target.cloud import Account, Cloud

REFERENCES = KINDS


@dataclass
class Target:
    """A cloud with a member of an empty project, and an administrator; `pid` and `folder` are those of a reference."""

    name: str
    member: Account
    cloud: Cloud
    admin: Account
    pid: int = 0
    folder: Path = Path()
    _scratch: ScratchProjects | None = field(default=None, repr=False)

    def members(self, number: int) -> list[Account]:
        """Members of `number` new projects, which are deleted with the target."""
        if self._scratch is None:
            run = secrets.token_hex(4)
            folder = Path(tempfile.gettempdir()) / f"gman-bench-{run}.ndjson"
            self._scratch = ScratchProjects(
                self.cloud, self.admin, f"bench-{run}", Journal(folder, self.cloud.auth_url)
            )
        return [self._scratch.make().member() for _ in range(number)]

    def close(self) -> None:
        if self._scratch is not None:
            self._scratch.sweep()
        self.cloud.close()
        self.admin.close()


@contextmanager
def opened(names: Sequence[str], **settings: str) -> Iterator[list[Target]]:
    """Those targets, side by side: kinds of reference, or names of clouds (NAME, with NAME-admin beside it).

    `settings` are those of references: workers="4".
    """
    with ExitStack() as stack:
        yield [
            stack.enter_context(_reference(name, **settings) if name in REFERENCES else _named(name)) for name in names
        ]


@contextmanager
def _named(name: str) -> Iterator[Target]:
    cloud, admin = Cloud(name), Cloud(f"{name}-admin")
    target = Target(name, cloud.account, cloud, admin.account)
    try:
        yield target
    finally:
        target.close()


@contextmanager
def _reference(kind: str, **settings: str) -> Iterator[Target]:
    with tempfile.TemporaryDirectory(prefix="gman-bench-") as folder, _database(kind) as url, ExitStack() as stack:
        data = Path(folder)
        for name, value in {"db": url, **settings}.items():
            stack.enter_context(fixtures.EnvironmentVariable(f"GMAN_{name.upper()}", value or None))
        reference = stack.enter_context(Embedded(data, data / "serve.log", Deadlines()))
        reference.wait()
        cloud, admin = (Cloud(name, str(reference.clouds_file)) for name in (CLOUD, ADMIN_CLOUD))
        pid = json.loads((data / "ready.json").read_text())["pid"]
        target = Target(kind, cloud.account, cloud, admin.account, pid, data)
        stack.callback(target.close)
        yield target


@contextmanager
def _database(kind: str) -> Iterator[str]:
    """The URL of an empty database, dropped afterwards; empty for SQLite. Raises UsageProblem where there is none."""
    try:
        with empty(kind, "bench") as url:
            yield url
    except Unreachable as error:
        raise UsageProblem(str(error)) from None
