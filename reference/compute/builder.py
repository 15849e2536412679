"""BUILD -> ACTIVE | ERROR, and deletions: the work that a 202 or a 204 promised, done by whichever builder claims it.

Builders are threads, in any number of processes on any number of hosts, that share the database alone. The work of one
that dies is claimed by the others once its lease expires, and nothing is built twice: see `work_queue` for who may
change a server, `allocation` for ports that exist already.
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

from reference.compute import allocation, hosts, quotas, servers, timestamps, work_queue
from reference.compute.allocation import Abort, Later, Nic
from reference.compute.network_client import Networks, Refusal
from reference.compute.servers import EVENTS, NO_PLACE, begun
from reference.compute.tables import servers as server_table
from reference.compute.work_queue import Lost, Task
from reference.compute.work_tokens import Seal
from reference.config import Settings
from reference.store import Store, failures
from reference.wsgi.client import ServiceSession

T = TypeVar("T")

LOG = logging.getLogger(__name__)
POLL = 0.25  # seconds between two searches for work that other processes have accepted
BEAT = work_queue.LEASE / 3  # seconds between two renewals of leases
ATTEMPTS = 3  # attempts to build, or to delete, a server before it is given up
PAUSE = 0.2  # seconds before a retry
UNREADABLE = "unreadable"  # in place of a token that was encrypted with another key: Networking refuses it
GRACE = 5.0  # seconds that a builder has to finish when the process ends
_SERVER = sa.select(server_table).where(server_table.c.id == sa.bindparam("server"))


@dataclass(frozen=True)
class Fault:
    """Why a server is in ERROR; `details` are for admins (C-FAULT-001)."""

    message: str
    code: int = 500
    details: str | None = None


class Builder:
    """The builders of this process; they are started in the process that serves, after it has been forked."""

    def __init__(self, store: Store, settings: Settings, session: ServiceSession) -> None:
        self.store, self.settings, self.session = store, settings, session
        self.seal = Seal(settings)
        self.owner = ""
        self._threads: list[threading.Thread] = []
        self._bell, self._rings = threading.Condition(), 0
        self._stopping = threading.Event()
        self._starting = threading.Lock()

    def start(self) -> None:
        """Start the threads unless they run already; never in a process that forks afterwards."""
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
        """Let the builders finish their present work, for GRACE seconds each."""
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
        """Do the work that is due now, in the calling thread; the number of pieces done."""
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
                # work that was announced since the last look is claimed at once
                if rings == self._rings:
                    self._bell.wait(POLL)

    def _claim(self) -> Task | None:
        return work_queue.claim(self.store, self.owner, self.settings.compute_host)

    def _heartbeat(self) -> None:
        while not self._stopping.is_set():
            self._guarded(lambda: self.store.write(self._beat))
            self._stopping.wait(BEAT)

    def _guarded(self, step: Callable[[], T]) -> T | None:
        """The step's result; None after an error of the database, which is logged, and retried after BEAT."""
        try:
            return step()
        except sa.exc.SQLAlchemyError as error:
            if failures.is_outage(error):
                LOG.warning("builder %s: the database cannot be used: %s", self.owner, failures.summary(error))
            else:
                LOG.exception("builder %s: the database refused", self.owner)
            self._stopping.wait(BEAT)
            return None

    def _beat(self, tx: Connection) -> None:
        work_queue.renew(tx, self.owner)
        hosts.seen(tx, self.settings.compute_host, self.settings.compute_version)

    def _do(self, task: Task) -> None:
        networks = Networks(self.session, self.seal.open(task.token) or UNREADABLE)
        try:
            self._try(task, networks)
        except Lost:
            self.store.write(lambda tx: work_queue.drop(tx, task))
            self.wake()

    def _try(self, task: Task, networks: Networks) -> None:
        try:
            (self.build if task.kind == work_queue.BUILD else self.delete)(task, networks)
        except Lost:
            raise
        except Exception as error:
            LOG.exception("%s of server %s failed", task.kind, task.server_id)
            self._failed(task, networks, str(error))

    def build(self, task: Task, networks: Networks) -> None:
        server, reason = self.store.write(lambda tx: self._begin(tx, task))
        if reason is not None:
            self.store.write(lambda tx: _fail(tx, task, reason))
            return
        try:
            host, resume = self.settings.compute_host, task.claims > 1
            nics = allocation.allocate(networks, server, host=host, admin=task.admin, resume=resume)
        except Abort as failure:
            self._give_up(task, networks, f"Build of instance {server.id} aborted: {failure}", str(failure))
            return
        except Later as failure:
            self._failed(task, networks, str(failure))
            return
        try:
            self.store.write(lambda tx: finish(tx, task, nics))
        except Lost:
            self.undo(task, networks, nics)
            raise

    def delete(self, task: Task, networks: Networks) -> None:
        server = self.store.write(lambda tx: self._begin_deletion(tx, task))
        try:
            allocation.release(networks, server)
        except Refusal as refusal:
            self._failed(task, networks, refusal.type or str(refusal))
            return
        self.store.write(lambda tx: _vanish(tx, task))

    def _begin(self, tx: Connection, task: Task) -> tuple[Row[Any], Fault | None]:
        """The server, put on this host, and None; or the reason why it cannot be built. Raises Lost."""
        server, host = _server_of(tx, task), self.settings.compute_host
        reason, event = self._misplaced(task, server), NO_PLACE
        if reason is None:
            reason, event = _over_quota(tx, task, server), EVENTS[task.kind]
        begun(tx, server.id, task.request_id, event, host)
        if reason is None:
            values = {"host": host, "task_state": "networking", "updated_at": timestamps.now()}
            tx.execute(servers.UPDATE, {"server": task.server_id, **values})
        return server, reason

    def _begin_deletion(self, tx: Connection, task: Task) -> Row[Any]:
        server = _server_of(tx, task)
        begun(tx, server.id, task.request_id, EVENTS[task.kind], self.settings.compute_host)
        return server

    def _misplaced(self, task: Task, server: Row[Any]) -> Fault | None:
        """The fault where no host is large enough, or the one that the request named is gone (C-BUILD-009)."""
        too_large = any(server.flavor[name] > most for name, most in hosts.CAPACITY.items())
        if too_large or task.only not in (None, self.settings.compute_host):
            return Fault("No valid host was found. ", details="There are not enough hosts available.")
        return None

    def _failed(self, task: Task, networks: Networks, reason: str) -> None:
        """Retry in PAUSE seconds, or give the server up after ATTEMPTS (C-BUILD-006). Raises Lost."""
        if task.failures + 1 >= ATTEMPTS:
            message = (
                "Exceeded maximum number of retries. Exhausted all hosts available for retrying "
                f"{task.kind} failures for instance {task.server_id}."
            )
            self._give_up(task, networks, message, reason)
            return
        if task.kind == work_queue.BUILD:
            self.clean_up(task, networks)
        self.store.write(lambda tx: work_queue.put_back(tx, task, self.settings.compute_host, PAUSE))

    def _give_up(self, task: Task, networks: Networks, message: str, details: str) -> None:
        """Put the server into ERROR for good. Raises Lost."""
        if task.kind == work_queue.BUILD:
            self.clean_up(task, networks)
        self.store.write(lambda tx: _fail(tx, task, Fault(message, details=details)))

    def clean_up(self, task: Task, networks: Networks) -> None:
        """Release the ports of a failed build; those that cannot be are released with the server (C-BUILD-008)."""
        server = self.store.write(lambda tx: _server_of(tx, task))
        try:
            allocation.release(networks, server)
        except Refusal as refusal:
            LOG.warning("ports of server %s remain: %s", server.id, refusal)

    def undo(self, task: Task, networks: Networks, nics: list[Nic]) -> None:
        """Delete the ports that this builder created after it had lost the work, unless the server uses them."""
        with self.store.read() as tx:
            server = tx.execute(_SERVER, {"server": task.server_id}).first()
            is_mine = work_queue.is_mine(tx, task)
        if is_mine or (server and server.vm_state == "building" and server.task_state != "deleting"):
            return  # the next builder finds the ports by their device
        used = {nic["port_id"] for nic in (server.nics if server else None) or []}
        for nic in nics:
            if nic["made"] and nic["port_id"] not in used:
                networks.delete_port(nic["port_id"])


def _owner(settings: Settings) -> str:
    """A name for this process's builders that no other process has, whatever its id."""
    return f"{settings.compute_host}/{os.getpid()}/{uuid.uuid4().hex[:12]}"


def _server_of(tx: Connection, task: Task) -> Row[Any]:
    """The row of the server, whose work is still this builder's. Raises Lost."""
    work_queue.prove(tx, task)
    return tx.execute(_SERVER, {"server": task.server_id}).one()


def finish(tx: Connection, task: Task, nics: list[Nic]) -> None:
    moment = timestamps.now()
    state = {"vm_state": "active", "task_state": None, "launched_at": moment, "updated_at": moment}
    _close(tx, task, {**state, "nics": nics})


def _over_quota(tx: Connection, task: Task, server: Row[Any]) -> Fault | None:
    """The fault where a quota has been lowered since the request was accepted (C-FAULT-003); only before a build."""
    if task.claims > 1:
        return None
    excess = quotas.exceeded(tx, server.project_id, server.flavor)
    return Fault(excess, 413) if excess else None


def _fail(tx: Connection, task: Task, reason: Fault) -> None:
    moment = timestamps.now()
    fault = {"code": reason.code, "created": timestamps.whole(moment), "message": reason.message[:255]}
    fault |= {"details": reason.details} if reason.details is not None else {}
    state = {"vm_state": "error", "task_state": None, "host": None, "updated_at": moment}
    _close(tx, task, {**state, "fault": fault})


def _close(tx: Connection, task: Task, values: dict[str, Any]) -> None:
    """Finish the work: write the server's new state, and the end of the action that asked for it. Raises Lost."""
    work_queue.prove(tx, task)
    tx.execute(servers.UPDATE, {"server": task.server_id, **values})
    action = {"server": task.server_id, "request": task.request_id}
    tx.execute(servers.UPDATE_ACTION, {**action, "finished_at": values["updated_at"]})
    work_queue.done(tx, task)


def _vanish(tx: Connection, task: Task) -> None:
    work_queue.prove(tx, task)
    work_queue.done(tx, task)
    servers.remove(tx, task.server_id)
