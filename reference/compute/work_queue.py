"""The queue of work that requests have promised: each piece claimed by one builder, under a lease, until it is done.

Every change that a builder makes to a server is in one transaction with proof that the work is still its own. A builder
that has lost it (the lease has expired, or the server is being deleted) gets `Lost` and changes nothing.
"""

import time
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.compute.hosts import lately
from reference.compute.tables import hosts, work
from reference.store import Store

Task = Row[Any]  # of `work`, as it was when it was claimed

BUILD, DELETE = "build", "delete"
LEASE = 6.0  # seconds that work is a builder's own, unless it renews the lease
CANDIDATES = 8  # pieces of work that one look finds


class Lost(Exception):
    """The work is no longer this builder's, or no longer of its kind."""


def _taken(task: Task) -> tuple[sa.ColumnElement[bool], ...]:
    """The conditions of the task's row while no other builder has claimed it."""
    return work.c.server_id == task.server_id, work.c.owner == task.owner, work.c.claims == task.claims


def add(
    tx: Connection, server: str, kind: str, request_id: str, token: str, *, admin: bool, only: str | None = None
) -> None:
    """Add the work of that kind for a server; `only` is the one host that may do it, where one was named."""
    tx.execute(
        work.insert().values(
            server_id=server,
            kind=kind,
            request_id=request_id,
            token=token,
            admin=admin,
            due=0.0,
            owner=None,
            lease=0.0,
            claims=0,
            failures=0,
            only=only,
        )
    )


def claim(store: Store, owner: str, host: str) -> Task | None:
    """A piece of work that is free and that this host may do, claimed for `owner`; None where there is none.

    Looking takes no lock; of builders that then claim the same work, one changes its row and the others go on.
    """
    moment = time.time()
    parameters = {"moment": moment, "here": host, "since": lately()}
    with store.read() as tx:
        candidates = tx.execute(_LOOK, parameters).scalars().all()
    for server in candidates:
        wanted = {**parameters, "server": server}
        task = store.write(partial(_take, parameters=wanted, owner=owner, lease=moment + LEASE))
        if task is not None:
            return task
    return None


def _open_here() -> sa.ColumnElement[bool]:
    """Work that names a host is that host's while it lives; work that has failed here is another live host's first."""
    host: sa.BindParameter[str] = sa.bindparam("here")
    live_hosts = sa.select(hosts.c.host).where(hosts.c.seen_at >= sa.bindparam("since"), hosts.c.host != host)
    assigned = sa.or_(work.c.only.is_(None), work.c.only == host, work.c.only.not_in(live_hosts))
    failed_here = sa.and_(work.c.avoid.is_not(None), work.c.avoid == host, work.c.only.is_(None))
    return sa.or_(work.c.kind == DELETE, sa.and_(assigned, sa.or_(sa.not_(failed_here), ~live_hosts.exists())))


_MOMENT: sa.BindParameter[float] = sa.bindparam("moment")
_FREE = sa.and_(work.c.due <= _MOMENT, sa.or_(work.c.owner.is_(None), work.c.lease < _MOMENT), _open_here())
# every idle builder executes this several times a second
_LOOK = sa.select(work.c.server_id).where(_FREE).order_by(work.c.due).limit(CANDIDATES)
_TAKEN = work.update().where(work.c.server_id == sa.bindparam("server"), _FREE).values(claims=work.c.claims + 1)


def _take(tx: Connection, parameters: dict[str, Any], owner: str, lease: float) -> Task | None:
    """The task, claimed for `owner` until `lease`; None where another builder was first."""
    if not tx.execute(_TAKEN, {**parameters, "owner": owner, "lease": lease}).rowcount:
        return None
    return tx.execute(sa.select(work).where(work.c.server_id == parameters["server"])).first()


def renew(tx: Connection, owner: str) -> None:
    """Renew the leases of all work of this builder."""
    tx.execute(work.update().where(work.c.owner == owner).values(lease=time.time() + LEASE))


def prove(tx: Connection, task: Task) -> None:
    """Require that the work is still this builder's and of its kind, and renew the lease. Raises Lost."""
    # an UPDATE, not a SELECT: it locks the row until the transaction ends
    update = work.update().where(*_taken(task), work.c.kind == task.kind)
    if not tx.execute(update.values(lease=time.time() + LEASE)).rowcount:
        raise Lost


def is_mine(tx: Connection, task: Task) -> bool:
    """Whether the work is still this builder's, of whatever kind it is now."""
    return tx.execute(sa.select(work.c.server_id).where(*_taken(task))).first() is not None


def done(tx: Connection, task: Task) -> None:
    """Remove the work, which is finished."""
    tx.execute(work.delete().where(work.c.server_id == task.server_id))


def put_back(tx: Connection, task: Task, host: str, pause: float) -> None:
    """Release the work after a failure, for a retry in `pause` seconds, by another host if there is one."""
    values = {"owner": None, "due": time.time() + pause, "failures": work.c.failures + 1, "avoid": host}
    tx.execute(work.update().where(*_taken(task)).values(**values))


def drop(tx: Connection, task: Task) -> None:
    """Release the work, if it is still this builder's, without counting a failure."""
    tx.execute(work.update().where(*_taken(task)).values(owner=None))


def turn_to_deletion(tx: Connection, server: str, request_id: str, token: str, *, admin: bool) -> bool:
    """Turn the server's work into its deletion; True where no builder has claimed any yet, and none ever will.

    A builder that has claimed it keeps its lease: it gets `Lost` at its next step, and only then can the deletion be
    claimed, so that no port is created meanwhile (C-CW-11).
    """
    row = tx.execute(sa.select(work).where(work.c.server_id == server).with_for_update()).first()
    if row is None:
        add(tx, server, DELETE, request_id, token, admin=admin)
        return False
    if row.kind == BUILD and row.claims == 0:
        # the row is deleted at once, so that no builder can claim it any more (C-CW-10)
        tx.execute(work.delete().where(work.c.server_id == server))
        return True
    values = {"kind": DELETE, "token": token, "admin": admin, "request_id": request_id, "due": 0.0, "failures": 0}
    tx.execute(work.update().where(work.c.server_id == server).values(**values))
    return False
