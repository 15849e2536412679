"""The work that is promised: taken up by one builder at a time, under a lease, until it is done.

Every change a builder makes to a server goes together with proof, in one transaction, that the work is still its own.
A builder that lost it (its lease ran out, or the server is being deleted) finds out by `Lost` and changes nothing.
"""

import time
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.compute.hosts import lately
from reference.compute.tables import hosts, work
from reference.store import Store

Task = Row[Any]  # of `work`, as it was when it was taken up

BUILD, DELETE = "build", "delete"
LEASE = 6.0  # seconds a builder has the work to itself unless it renews
CANDIDATES = 8


class Lost(Exception):
    """The work is no longer this builder's, or no longer what it was."""


def _taken(task: Task) -> tuple[sa.ColumnElement[bool], ...]:
    """The row as it is while nobody else has taken the work up since."""
    return work.c.server_id == task.server_id, work.c.owner == task.owner, work.c.claims == task.claims


def add(
    tx: Connection, server: str, kind: str, request_id: str, token: str, *, admin: bool, only: str | None = None
) -> None:
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
    """Take up work that nobody is at and that this host may do; None where there is none.

    Looking takes no lock; of those who then reach for the same work, one changes the row and the others find it taken.
    """
    moment = time.time()
    here = {"moment": moment, "here": host, "since": lately()}
    with store.read() as tx:
        found = tx.execute(_LOOK, here).scalars().all()
    for server in found:
        taken = store.write(partial(_take, wanted={**here, "server": server}, owner=owner, lease=moment + LEASE))
        if taken is not None:
            return taken
    return None


def _open_here() -> sa.ColumnElement[bool]:
    """Work that names a host is that host's, as long as it lives; work that failed here is another host's first."""
    here: sa.BindParameter[str] = sa.bindparam("here")
    others = sa.select(hosts.c.host).where(hosts.c.seen_at >= sa.bindparam("since"), hosts.c.host != here)
    named = sa.or_(work.c.only.is_(None), work.c.only == here, work.c.only.not_in(others))
    failed_here = sa.and_(work.c.avoid.is_not(None), work.c.avoid == here, work.c.only.is_(None))
    return sa.or_(work.c.kind == DELETE, sa.and_(named, sa.or_(sa.not_(failed_here), ~others.exists())))


_MOMENT: sa.BindParameter[float] = sa.bindparam("moment")
_FREE = sa.and_(work.c.due <= _MOMENT, sa.or_(work.c.owner.is_(None), work.c.lease < _MOMENT), _open_here())
# every idle builder asks this several times a second
_LOOK = sa.select(work.c.server_id).where(_FREE).order_by(work.c.due).limit(CANDIDATES)
_TAKEN = work.update().where(work.c.server_id == sa.bindparam("server"), _FREE).values(claims=work.c.claims + 1)


def _take(tx: Connection, wanted: dict[str, Any], owner: str, lease: float) -> Task | None:
    if not tx.execute(_TAKEN, {**wanted, "owner": owner, "lease": lease}).rowcount:
        return None
    return tx.execute(sa.select(work).where(work.c.server_id == wanted["server"])).first()


def renew(tx: Connection, owner: str) -> None:
    """Keep what this builder holds."""
    tx.execute(work.update().where(work.c.owner == owner).values(lease=time.time() + LEASE))


def prove(tx: Connection, task: Task) -> None:
    """Go on only while the work is still this builder's and of its kind. Errors: Lost."""
    # an UPDATE, not a SELECT: it holds the row until the transaction ends
    still = work.update().where(*_taken(task), work.c.kind == task.kind)
    if not tx.execute(still.values(lease=time.time() + LEASE)).rowcount:
        raise Lost


def is_mine(tx: Connection, task: Task) -> bool:
    """Whether this builder holds it still, be its kind what it may."""
    return tx.execute(sa.select(work.c.server_id).where(*_taken(task))).first() is not None


def done(tx: Connection, task: Task) -> None:
    tx.execute(work.delete().where(work.c.server_id == task.server_id))


def put_back(tx: Connection, task: Task, host: str, pause: float) -> None:
    """Leave it to whoever comes after `pause` seconds, another host if there is one; one more failure."""
    values = {"owner": None, "due": time.time() + pause, "failures": work.c.failures + 1, "avoid": host}
    tx.execute(work.update().where(*_taken(task)).values(**values))


def drop(tx: Connection, task: Task) -> None:
    """Let go of it, if it is held still, without counting a failure."""
    tx.execute(work.update().where(*_taken(task)).values(owner=None))


def turn_to_deletion(tx: Connection, server: str, request_id: str, token: str, *, admin: bool) -> bool:
    """Make the server's deletion what is to be done; True where nobody has begun with it, nor ever will.

    A builder that is at it keeps its lease: it learns of the change at its next step, and only then can the deletion
    be taken up, so that no port is made behind its back (C-CW-11).
    """
    row = tx.execute(sa.select(work).where(work.c.server_id == server).with_for_update()).first()
    if row is None:
        add(tx, server, DELETE, request_id, token, admin=admin)
        return False
    if row.kind == BUILD and row.claims == 0:
        # the row goes here and now: whoever reaches for it from now on finds nothing (C-CW-10)
        tx.execute(work.delete().where(work.c.server_id == server))
        return True
    values = {"kind": DELETE, "token": token, "admin": admin, "request_id": request_id, "due": 0.0, "failures": 0}
    tx.execute(work.update().where(work.c.server_id == server).values(**values))
    return False
