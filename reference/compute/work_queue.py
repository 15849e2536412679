"""The queue of work that accepted requests leave to builders: a task for each server, claimed by one builder at a time.

A claim is a lease. Every transaction in which a builder changes a server first calls `prove`, which raises Lost where
the task is no longer the builder's: its lease has expired, or the server is being deleted.
"""

import time
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from reference.compute.hosts import lately
from reference.compute.tables import hosts, work
from reference.store import Store
from reference.store.plans import insert, locking

Task = Row[Any]  # a row of `work`, as it was when it was claimed

BUILD, DELETE = "build", "delete"
LEASE = 6.0  # seconds until another builder may claim the task, unless the lease is renewed
CANDIDATES = 8  # tasks that one query returns


class Lost(Exception):
    """The task is no longer this builder's, or has become a deletion."""


_OF_SERVER = work.c.server_id == sa.bindparam("server")
# condition: the task's row is unchanged since its claim; `_claim_of` gives the parameters
_STILL_CLAIMED = sa.and_(_OF_SERVER, work.c.owner == sa.bindparam("builder"), work.c.claims == sa.bindparam("claim"))
_FIND = sa.select(work).where(_OF_SERVER)
_UPDATE = work.update().where(_OF_SERVER)  # with the columns that its parameters name, as the next two
_UPDATE_CLAIMED = work.update().where(_STILL_CLAIMED)
_PROVE = _UPDATE_CLAIMED.where(work.c.kind == sa.bindparam("of_kind"))
_PUT_BACK = _UPDATE_CLAIMED.values(failures=work.c.failures + 1)
_RENEW = work.update().where(work.c.owner == sa.bindparam("builder"))
_DELETE = work.delete().where(_OF_SERVER)


def _claim_of(task: Task) -> dict[str, Any]:
    return {"server": task.server_id, "builder": task.owner, "claim": task.claims}


def add(
    tx: Connection, server: str, kind: str, request_id: str, token: str, *, admin: bool, only: str | None = None
) -> None:
    """Add a task of that kind for a server; `only` is the host that has to do it, None for any host."""
    values = {
        "server_id": server,
        "kind": kind,
        "request_id": request_id,
        "token": token,
        "admin": admin,
        "due": 0.0,
        "owner": None,
        "lease": 0.0,
        "claims": 0,
        "failures": 0,
        "only": only,
    }
    tx.execute(insert(work), values)


def claim(store: Store, owner: str, host: str) -> Task | None:
    """A free task that this host may do, claimed for `owner`; None where there is none.

    The query for free tasks takes no lock. If several builders claim one task, one updates its row; the others get
    None for it and try the next.
    """
    moment = time.time()
    parameters = {"moment": moment, "here": host, "since": lately()}
    with store.read() as tx:
        candidates = tx.execute(_FIND_FREE, parameters).scalars().all()
    for server in candidates:
        one_server = {**parameters, "server": server}
        task = store.write(partial(_take, parameters=one_server, owner=owner, lease=moment + LEASE))
        if task is not None:
            return task
    return None


def _open_here() -> sa.ColumnElement[bool]:
    """The SQL condition for tasks that this host may do.

    A task with a host of its own (`only`) is for that host, unless that is down. A task that has failed on this host
    (`avoid`) is for the other hosts, unless none is up. Any host may delete.
    """
    host: sa.BindParameter[str] = sa.bindparam("here")
    live_hosts = sa.select(hosts.c.host).where(hosts.c.seen_at >= sa.bindparam("since"), hosts.c.host != host)
    assigned = sa.or_(work.c.only.is_(None), work.c.only == host, work.c.only.not_in(live_hosts))
    failed_here = sa.and_(work.c.avoid.is_not(None), work.c.avoid == host, work.c.only.is_(None))
    return sa.or_(work.c.kind == DELETE, sa.and_(assigned, sa.or_(sa.not_(failed_here), ~live_hosts.exists())))


_MOMENT: sa.BindParameter[float] = sa.bindparam("moment")
_FREE = sa.and_(work.c.due <= _MOMENT, sa.or_(work.c.owner.is_(None), work.c.lease < _MOMENT), _open_here())
# every idle builder executes this several times a second
_FIND_FREE = sa.select(work.c.server_id).where(_FREE).order_by(work.c.due).limit(CANDIDATES)
_CLAIM = work.update().where(_OF_SERVER, _FREE).values(claims=work.c.claims + 1)


def _take(tx: Connection, parameters: dict[str, Any], owner: str, lease: float) -> Task | None:
    """The task, claimed for `owner` until `lease`; None where another builder was first."""
    if not tx.execute(_CLAIM, {**parameters, "owner": owner, "lease": lease}).rowcount:
        return None
    return tx.execute(_FIND, {"server": parameters["server"]}).first()


def renew(tx: Connection, owner: str) -> None:
    """Renew the leases of all tasks of this builder."""
    tx.execute(_RENEW, {"builder": owner, "lease": time.time() + LEASE})


def prove(tx: Connection, task: Task) -> None:
    """Require that the task is still this builder's and of the same kind, and renew its lease. Raises Lost."""
    # an UPDATE, not a SELECT: it locks the row until the transaction ends
    if not tx.execute(_PROVE, {**_claim_of(task), "of_kind": task.kind, "lease": time.time() + LEASE}).rowcount:
        raise Lost


def is_mine(tx: Connection, task: Task) -> bool:
    """Whether the task is still this builder's, even if it has become a deletion."""
    return tx.execute(sa.select(work.c.server_id).where(_STILL_CLAIMED), _claim_of(task)).first() is not None


def done(tx: Connection, task: Task) -> None:
    """Remove the task, which is finished."""
    tx.execute(_DELETE, {"server": task.server_id})


def put_back(tx: Connection, task: Task, host: str, pause: float) -> None:
    """Release the task after a failure, for a retry in `pause` seconds, by another host if one is up."""
    tx.execute(_PUT_BACK, {**_claim_of(task), "owner": None, "due": time.time() + pause, "avoid": host})


def drop(tx: Connection, task: Task) -> None:
    """Release the task, if it is still this builder's, without counting a failure."""
    tx.execute(_UPDATE_CLAIMED, {**_claim_of(task), "owner": None})


def turn_to_deletion(tx: Connection, server: str, request_id: str, token: str, *, admin: bool) -> bool:
    """Turn the server's task into its deletion. A task that was not claimed yet is removed instead, and True returned,
    as nothing was built.

    A builder that has claimed the task keeps its lease until `prove` raises Lost. Only then can the deletion be
    claimed, so that no port is created after it (C-CW-11).
    """
    row = tx.execute(locking(_FIND), {"server": server}).first()
    if row is None:
        add(tx, server, DELETE, request_id, token, admin=admin)
        return False
    if row.kind == BUILD and row.claims == 0:
        # the row is deleted at once, so that no builder can claim it any more (C-CW-10)
        tx.execute(_DELETE, {"server": server})
        return True
    values = {"kind": DELETE, "token": token, "admin": admin, "request_id": request_id, "due": 0.0, "failures": 0}
    tx.execute(_UPDATE, {"server": server, **values})
    return False
