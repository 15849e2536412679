"""Faults in which accepted work never ends: builds and deletions that go on for ever, and answers after a deletion.

Where no answer shows that the end will not come, the verdict is inconclusive at best (`endless`).
"""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any
from wsgiref.types import WSGIEnvironment

from reference.catalogue import Plant
from reference.compute import work_queue
from reference.compute.builder import Builder
from reference.compute.errors import fault as compute_error
from reference.compute.handlers.servers import Servers
from reference.compute.work_queue import Task
from reference.faults.catalogue import entry, table
from reference.faults.outside import Outgoing, at_the_edge
from reference.faults.seams import Wrapper, around, nothing, replaced, together, without
from reference.network import topology
from reference.network.resources import networks, ports, routers, subnets
from reference.wsgi.errors import Problem
from reference.wsgi.routes import Answer, Call

AN_AGE = 10.0**9  # seconds
LONGER_THAN_ANYBODY_WAITS = 1000.0  # seconds
NO_ONES = "00000000-"  # begins ids that no server ever had


def _put_off(self: Builder, task: Task, _networks: Any) -> None:
    """Put the work off for ever."""
    self.store.write(lambda tx: work_queue.put_back(tx, task, self.settings.compute_host, AN_AGE))


def _answered_alone(_right: Wrapper, self: Servers, call: Call) -> Answer:
    self.show(call)  # refuses a server that does not exist
    return Answer(status=204)


def _gone_is(status: int) -> Plant:
    """Let a deleted server be answered with that status, and one that never existed with 404."""

    def show(right: Wrapper, self: Servers, call: Call) -> Any:
        try:
            return right(self, call)
        except Problem as refused:
            if refused.status == 404 and not call.params["server"].startswith(NO_ONES):
                raise compute_error(status, "The server has been deleted.") from None
            raise

    return around(Servers, "show")(show)


def _answered_one_at_a_time(method: str, path: str) -> Plant:
    """Leave such calls of one token without an answer while an earlier one is in flight."""

    def plant() -> None:
        in_flight: Counter[str] = Counter()
        counting = threading.Lock()

        def around(environ: WSGIEnvironment, answer: Callable[[], Outgoing]) -> Outgoing:
            if environ["REQUEST_METHOD"] != method or path not in environ["PATH_INFO"]:
                return answer()
            token = str(environ.get("HTTP_X_AUTH_TOKEN"))
            with counting:
                in_flight[token] += 1
                alone = in_flight[token] == 1
            try:
                if not alone:
                    threading.Event().wait(LONGER_THAN_ANYBODY_WAITS)
                return answer()
            finally:
                with counting:
                    in_flight[token] -= 1

        at_the_edge(around)()

    return plant


def _without_deletes(*resources: Any) -> Plant:
    return together(*(replaced(resource.RESOURCE, "delete", nothing) for resource in resources))


table(
    entry("builds-never-end", "C-BUILD-001", "C-NET-022", endless=True)(
        "Servers stay in BUILD for ever.", replaced(Builder, "build", _put_off)
    ),
    entry("deletions-never-end", "C-SRV-015", endless=True)(
        "A server's deletion goes on for ever.", replaced(Builder, "delete", _put_off)
    ),
    entry("nothing-of-compute-ends", "C-BUILD-001", "C-SRV-015", endless=True)(
        "Servers stay in BUILD for ever, also once they are deleted.",
        together(replaced(Builder, "build", _put_off), replaced(Builder, "delete", _put_off)),
    ),
    entry("gets-at-once-are-never-answered", "N-AAT-040", endless=True)(
        "Of GETs of a topology in flight together one is answered, and the others never.",
        _answered_one_at_a_time("GET", "/auto-allocated-topology/"),
    ),
    entry("deletes-of-servers-do-nothing", "C-SRV-015")(
        "DELETE of a server answers 204, and the server runs on.",
        around(Servers, "delete")(_answered_alone),
    ),
    entry("gone-servers-are-410", "C-SRV-015")("A server that is gone is answered 410.", _gone_is(410)),
    entry("gone-servers-are-forbidden", "C-SRV-015")("A server that is gone is answered 403.", _gone_is(403)),
    entry("gone-servers-are-broken", "C-SRV-015")("A server that is gone is answered 500.", _gone_is(500)),
    entry("topologies-stay", "N-AAT-050")(
        "DELETE of a topology answers 204 and deletes nothing.", without(topology, "take_down")
    ),
    entry("networking-deletes-nothing", "N-PORT-006", "N-NET-026", "N-AAT-050")(
        "Every DELETE of Networking answers 204 and deletes nothing.",
        together(_without_deletes(networks, ports, routers, subnets), without(topology, "take_down")),
    ),
    entry("ports-stay", "N-PORT-006")("DELETE of a port answers 204, and the port stays.", _without_deletes(ports)),
)
