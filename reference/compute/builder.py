"""BUILD -> ACTIVE | ERROR, and deletions: what a 202 or a 204 promised, done by whichever builder gets to it.

Builders are threads, in as many processes on as many hosts as one likes; what they share is the database alone. One
that dies leaves its work to the others once its lease runs out, and nothing is built twice: see `worklist` for who may
change a server, `allocation` for ports that are already there.
"""

import atexit
import logging
import os
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.compute import allocation, hosts, quotas, timestamps, work_queue
from reference.compute.allocation import Abort, Later, Nic
from reference.compute.network_client import Networks, Refusal
from reference.compute.servers import EVENTS, NO_PLACE, begun, remove
from reference.compute.tables import actions, servers
from reference.compute.work_queue import Lost, Task
from reference.config import Settings
from reference.store import Store
from reference.wsgi.client import ServiceSession

T = TypeVar("T")

LOG = logging.getLogger(__name__)
POLL = 0.25  # seconds until a builder looks for work that another process accepted
BEAT = work_queue.LEASE / 3  # seconds between two renewals of what is held
ATTEMPTS = 3  # builds, or deletions, of one server before it is given up
PAUSE = 0.2  # seconds before the next of them
GRACE = 5.0  # seconds a builder gets to finish when the process ends


@dataclass(frozen=True)
class Fault:
    """Why a server is in ERROR; `details` are for admins (C-FAULT-001)."""

    message: str
    code: int = 500
    details: str | None = None


class Builder:
    """The builders of this process; whoever serves starts them, once it has forked."""

    def __init__(self, store: Store, settings: Settings, session: ServiceSession) -> None:
        self.store, self.settings, self.session = store, settings, session
        self.owner = ""
        self._threads: list[threading.Thread] = []
        self._bell, self._rings = threading.Condition(), 0
        self._stopping = threading.Event()
        self._starting = threading.Lock()

    def start(self) -> None:
        """Start the threads unless they run: in the process that serves, never in the one that forks it."""
        if self._threads or not self.settings.builders:
            return
        with self._starting:
            if self._threads:
                return
            self.owner = _owner(self.settings)
            jobs = [self._heartbeat, *[self._work] * self.settings.builders]
            self._threads = [threading.Thread(target=job, daemon=True, name="builder") for job in jobs]
            for thread in self._threads:
                thread.start()
            atexit.register(self.stop)

    def stop(self) -> None:
        """Let the builders finish what they hold."""
        self._stopping.set()
        self.wake()
        for thread in self._threads:
            thread.join(GRACE)

    def wake(self) -> None:
        """Tell the builders of this process that there is work."""
        with self._bell:
            self._rings += 1
            self._bell.notify_all()

    def run_pending(self) -> int:
        """Do what is due now, in the calling thread; answers how many pieces of work that was."""
        pieces, owner = 0, _owner(self.settings)
        while (task := work_queue.claim(self.store, owner, self.settings.compute_host)) is not None:
            self._do(task)
            pieces += 1
        return pieces

    def _work(self) -> None:
        while not self._stopping.is_set():
            rings = self._rings
            task = self._guarded(self._claim)
            if task is not None:
                self._guarded(partial(self._do, task))
                continue
            with self._bell:
                # a ring between the look and here is work to look for at once
                if rings == self._rings:
                    self._bell.wait(POLL)

    def _claim(self) -> Task | None:
        return work_queue.claim(self.store, self.owner, self.settings.compute_host)

    def _heartbeat(self) -> None:
        while not self._stopping.is_set():
            self._guarded(lambda: self.store.write(self._beat))
            self._stopping.wait(BEAT)

    def _guarded(self, step: Callable[[], T]) -> T | None:
        """The step's result; None where the database refused it, which the log tells and the next round repeats."""
        try:
            return step()
        except sa.exc.SQLAlchemyError:
            LOG.exception("builder %s: the database refused", self.owner)
            return None

    def _beat(self, tx: Connection) -> None:
        work_queue.renew(tx, self.owner)
        hosts.seen(tx, self.settings.compute_host, self.settings.compute_version)

    def _do(self, task: Task) -> None:
        networks = Networks(self.session, task.token)
        try:
            self._try(task, networks)
        except Lost:
            self.store.write(lambda tx: work_queue.drop(tx, task))
            self.wake()

    def _try(self, task: Task, networks: Networks) -> None:
        try:
            (self._build if task.kind == work_queue.BUILD else self._delete)(task, networks)
        except Lost:
            raise
        except Exception as wrong:
            LOG.exception("%s of server %s failed", task.kind, task.server_id)
            self._failed(task, networks, str(wrong))

    def _build(self, task: Task, networks: Networks) -> None:
        server, refused = self.store.write(lambda tx: self._begin(tx, task))
        if refused is not None:
            self.store.write(lambda tx: _fail(tx, task, refused))
            return
        try:
            host, resume = self.settings.compute_host, task.claims > 1
            nics = allocation.allocate(networks, server, host=host, admin=task.admin, resume=resume)
        except Abort as failed:
            self._give_up(task, networks, f"Build of instance {server.id} aborted: {failed}", str(failed))
            return
        except Later as failed:
            self._failed(task, networks, str(failed))
            return
        try:
            self.store.write(lambda tx: _finish(tx, task, nics))
        except Lost:
            self._undo(task, networks, nics)
            raise

    def _delete(self, task: Task, networks: Networks) -> None:
        server = self.store.write(lambda tx: self._begin_deletion(tx, task))
        try:
            allocation.release(networks, server)
        except Refusal as refused:
            self._failed(task, networks, refused.type or str(refused))
            return
        self.store.write(lambda tx: _vanish(tx, task))

    def _begin(self, tx: Connection, task: Task) -> tuple[Row[Any], Fault | None]:
        """Put the server on this host, or tell why it cannot be on any."""
        server, host = _held(tx, task), self.settings.compute_host
        refused, event = self._misplaced(task, server), NO_PLACE
        if refused is None:
            refused, event = _over_quota(tx, task, server), EVENTS[task.kind]
        begun(tx, server.id, task.request_id, event, host)
        if refused is None:
            values = {"host": host, "task_state": "networking", "updated_at": timestamps.now()}
            tx.execute(servers.update().where(servers.c.id == task.server_id).values(**values))
        return server, refused

    def _begin_deletion(self, tx: Connection, task: Task) -> Row[Any]:
        server = _held(tx, task)
        begun(tx, server.id, task.request_id, EVENTS[task.kind], self.settings.compute_host)
        return server

    def _misplaced(self, task: Task, server: Row[Any]) -> Fault | None:
        """No host is large enough, or the one it must be on is gone (C-BUILD-009)."""
        too_large = any(server.flavor[name] > most for name, most in hosts.CAPACITY.items())
        if too_large or task.only not in (None, self.settings.compute_host):
            return Fault("No valid host was found. ", details="There are not enough hosts available.")
        return None

    def _failed(self, task: Task, networks: Networks, reason: str) -> None:
        """Try again in a while, or give the server up when it has been tried often enough (C-BUILD-006)."""
        if task.failures + 1 >= ATTEMPTS:
            message = (
                "Exceeded maximum number of retries. Exhausted all hosts available for retrying "
                f"{task.kind} failures for instance {task.server_id}."
            )
            self._give_up(task, networks, message, reason)
            return
        if task.kind == work_queue.BUILD:
            self._clean(task, networks)
        self.store.write(lambda tx: work_queue.put_back(tx, task, self.settings.compute_host, PAUSE))

    def _give_up(self, task: Task, networks: Networks, message: str, details: str) -> None:
        if task.kind == work_queue.BUILD:
            self._clean(task, networks)
        self.store.write(lambda tx: _fail(tx, task, Fault(message, details=details)))

    def _clean(self, task: Task, networks: Networks) -> None:
        """Leave no port of a build that failed; what cannot be removed now goes with the server (C-BUILD-008)."""
        server = self.store.write(lambda tx: _held(tx, task))
        try:
            allocation.release(networks, server)
        except Refusal as refused:
            LOG.warning("ports of server %s remain: %s", server.id, refused)

    def _undo(self, task: Task, networks: Networks, nics: list[Nic]) -> None:
        """Remove ports this builder made while it no longer held the work, unless their server has them."""
        with self.store.read() as tx:
            server = tx.execute(sa.select(servers).where(servers.c.id == task.server_id)).first()
            mine = work_queue.is_mine(tx, task)
        if mine or (server and server.vm_state == "building" and server.task_state != "deleting"):
            return  # whoever does the work next finds the ports by their device
        kept = {nic["port_id"] for nic in (server.nics if server else None) or []}
        for nic in nics:
            if nic["made"] and nic["port_id"] not in kept:
                networks.delete_port(nic["port_id"])


def _owner(settings: Settings) -> str:
    return f"{settings.compute_host}/{os.getpid()}/{uuid.uuid4().hex[:12]}"


def _held(tx: Connection, task: Task) -> Row[Any]:
    """The server of work that is still ours. Errors: Lost."""
    work_queue.prove(tx, task)
    return tx.execute(sa.select(servers).where(servers.c.id == task.server_id)).one()


def _finish(tx: Connection, task: Task, nics: list[Nic]) -> None:
    moment = timestamps.now()
    state = {"vm_state": "active", "task_state": None, "launched_at": moment, "updated_at": moment}
    _close(tx, task, {**state, "nics": nics})


def _over_quota(tx: Connection, task: Task, server: Row[Any]) -> Fault | None:
    """A limit was lowered since the request was accepted; asked before anything is built (C-FAULT-003)."""
    if task.claims > 1:
        return None
    over = quotas.exceeded(tx, server.project_id, server.flavor)
    return Fault(over, 413) if over else None


def _fail(tx: Connection, task: Task, told: Fault) -> None:
    moment = timestamps.now()
    fault = {"code": told.code, "created": timestamps.whole(moment), "message": told.message[:255]}
    fault |= {"details": told.details} if told.details is not None else {}
    state = {"vm_state": "error", "task_state": None, "host": None, "updated_at": moment}
    _close(tx, task, {**state, "fault": fault})


def _close(tx: Connection, task: Task, values: dict[str, Any]) -> None:
    """The work is over: the server's last state of it, and the end of the action that asked for it."""
    work_queue.prove(tx, task)
    tx.execute(servers.update().where(servers.c.id == task.server_id).values(**values))
    asked = (actions.c.server_id == task.server_id, actions.c.request_id == task.request_id)
    tx.execute(actions.update().where(*asked).values(finished_at=values["updated_at"]))
    work_queue.done(tx, task)


def _vanish(tx: Connection, task: Task) -> None:
    work_queue.prove(tx, task)
    work_queue.done(tx, task)
    remove(tx, task.server_id)
