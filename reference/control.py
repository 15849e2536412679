"""The control surface, for tests that need a certain moment: on a loopback port of its own, off by default.

`PUT /points/NAME` makes every topology build wait at that point until `DELETE /points/NAME`; `GET /points` lists which
are armed and how many builds wait at each. `POST /reset` removes all networks and servers and sets the cloud up again;
users, projects and images stay. Armed points are files, as the builds wait in several processes.
"""

import os
import shutil
import time
import uuid
from pathlib import Path
from wsgiref.types import WSGIApplication

from sqlalchemy.engine import Connection

from reference import credentials
from reference.bootstrap import bootstrap
from reference.compute import tables as compute_tables
from reference.config import Settings
from reference.network import pause_points
from reference.network import tables as network_tables
from reference.store import Store
from reference.wsgi.errors import Problem
from reference.wsgi.routes import Answer, Call, Route
from reference.wsgi.service import build

LONGEST = 60.0  # seconds that a build waits at most
LOOK = 0.005  # seconds between two checks whether it may go on
KEPT = ("cmp_flavors", "cmp_hosts")  # tables that a reset leaves as they are


class Pauses:
    """Points that are armed, and the builds that wait at them: files below `directory`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def arm(self, point: str) -> None:
        """Make builds wait at the point."""
        (self.directory / point).mkdir(parents=True, exist_ok=True)

    def release(self, point: str) -> None:
        """Let the builds at the point go on, and later ones pass."""
        shutil.rmtree(self.directory / point, ignore_errors=True)

    def is_armed(self, point: str) -> bool:
        return (self.directory / point).is_dir()

    def waiting(self, point: str) -> int:
        """How many builds wait there, not counting those whose process has been killed."""
        marks = (self.directory / point).glob("*") if self.is_armed(point) else ()
        return sum(Path(f"/proc/{mark.name.partition('-')[0]}").exists() for mark in marks)

    def wait(self, point: str) -> None:
        """Wait while the point is armed, LONGEST at most."""
        if not self.is_armed(point):
            return
        mark = self.directory / point / f"{os.getpid()}-{uuid.uuid4().hex}"
        try:
            mark.touch()
        except FileNotFoundError:  # the point was released in between
            return
        deadline = time.monotonic() + LONGEST
        while mark.exists() and time.monotonic() < deadline:
            time.sleep(LOOK)
        mark.unlink(missing_ok=True)


class Control:
    """The handlers."""

    def __init__(self, store: Store, settings: Settings, pauses: Pauses) -> None:
        self.store, self.settings, self.pauses = store, settings, pauses

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/points", self.index),
            Route("PUT", "/points/{point}", self.arm),
            Route("DELETE", "/points/{point}", self.release),
            Route("POST", "/reset", self.reset),
        ]

    def index(self, _call: Call) -> Answer:
        described = [
            {"name": name, "armed": self.pauses.is_armed(name), "waiting": self.pauses.waiting(name)}
            for name in pause_points.POINTS
        ]
        return Answer({"points": described})

    def arm(self, call: Call) -> Answer:
        self.pauses.arm(_known(call))
        return Answer(status=204)

    def release(self, call: Call) -> Answer:
        self.pauses.release(_known(call))
        return Answer(status=204)

    def reset(self, _call: Call) -> Answer:
        for point in pause_points.POINTS:
            self.pauses.release(point)

        def forget(tx: Connection) -> None:
            for schema in (compute_tables.METADATA, network_tables.METADATA):
                for table in reversed(schema.sorted_tables):
                    if table.name not in KEPT:
                        tx.execute(table.delete())

        self.store.write(forget)
        bootstrap(self.store, self.settings, credentials.known_passwords(self.settings))
        return Answer(status=204)


def _known(call: Call) -> str:
    """The point that the path names. Raises Problem (404)."""
    point = call.params["point"]
    if point not in pause_points.POINTS:
        raise Problem(404, "NotFound", f"There is no such point; there are {', '.join(pause_points.POINTS)}.")
    return point


def application(store: Store, settings: Settings) -> WSGIApplication:
    """The control surface of one process, whose builds wait at armed points from now on."""
    pauses = Pauses(settings.data / "points")
    pause_points.listen(pauses.wait)

    def dialect(problem: Problem) -> object:
        return {"error": {"code": problem.status, "message": problem.message}}

    return build([Control(store, settings, pauses)], middleware=[], dialect=dialect, names={500: "Error"})
