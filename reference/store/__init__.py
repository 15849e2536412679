"""One database behind every worker: engine, transactions, bounded retries; it knows no resource.

There are two kinds of transaction. A *read* sees one snapshot. A *write* is a function that is run again, as a whole,
where the database refuses it for a transient reason: a deadlock, a lost serialization, a busy file, a unique key that
another transaction took first (the second run sees that row, and decides). So it must keep no state outside the
connection it is given. No lock in memory replaces the database's: many processes on many hosts are as correct as one
thread.
"""

import random
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from reference.store import regex
from reference.store.plans import Plans, Transaction, locking

T = TypeVar("T")

ATTEMPTS = 12
PAUSE = 0.004  # seconds before the second attempt; doubles, with jitter, up to PAUSE_CEILING
PAUSE_CEILING = 0.5
LOST_RACES = 8  # how often a write may find a unique key taken which was free when it read
PATIENCE = 30.0  # seconds after which a write is not tried again
BUSY_TIMEOUT = 30.0  # seconds that a SQLite writer waits for another one
LOOK = 0.002  # seconds, at most, from one look of a waiting SQLite writer to the next
CONNECT_TIMEOUT = 10  # seconds that a connection to a database server may take
STATEMENT = 50  # seconds after which a server ends a statement, such as one with an expression that backtracks
SILENCE = 60  # seconds after which a server that does not answer is given up
# driver -> what bounds its waits; libpq counts in milliseconds, and only MariaDB reads the comment
_BOUNDS: dict[str, dict[str, int | str]] = {
    "psycopg": {
        "connect_timeout": CONNECT_TIMEOUT,
        "tcp_user_timeout": 1000 * SILENCE,
        "options": f"-c statement_timeout={1000 * STATEMENT}",
    },
    "pymysql": {
        "connect_timeout": CONNECT_TIMEOUT,
        "read_timeout": SILENCE,
        "write_timeout": SILENCE,
        "init_command": f"SET @bounded = 1 /*M! , max_statement_time = {STATEMENT} */",
    },
}

# SQLSTATE / driver codes of errors after which a retry may succeed
_TRANSIENT_STATES = {"40001", "40P01", "55P03"}  # PostgreSQL: serialization, deadlock, lock timeout
_TRANSIENT_CODES = {1205, 1213, 1020}  # MariaDB: lock wait timeout, deadlock, changed since last read


def is_transient(error: sa.exc.DBAPIError) -> bool:
    """Whether a retry of the whole transaction may succeed."""
    original = error.orig
    if getattr(original, "sqlstate", None) in _TRANSIENT_STATES:
        return True
    first = original.args[0] if original is not None and original.args else None
    return first in _TRANSIENT_CODES or (isinstance(first, str) and "database is locked" in first)


class Store:
    """The database at `url` (SQLAlchemy's form); engines are per process, so make one Store in each worker.

    `connections` is the most that this process opens: a database server allows only so many in all.
    """

    def __init__(self, url: str, connections: int = 32) -> None:
        self.engine = _engine(url, connections)
        self.plans = Plans(self.engine.dialect)
        self._alone = is_alone(self.engine.dialect)  # a listener to the engine's begin would slow every statement

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection whose statements see one snapshot."""
        with Transaction(self.engine, self.plans) as connection, connection.begin():
            if self._alone:  # a rollback cannot fail here, and the driver is faster than the engine
                connection.connection.driver_connection.execute("BEGIN")  # type: ignore[union-attr]
            yield connection

    def write(self, work: Callable[[Connection], T]) -> T:
        """The result of `work`, run in one transaction, with retries after transient errors: ATTEMPTS at most, none
        later than PATIENCE.

        Raises whatever `work` raises, after a rollback; the database's own error when the attempts are used up, an
        IntegrityError when `work` finds a unique key taken LOST_RACES times.
        """
        pause, lost_races, deadline = PAUSE, 0, time.monotonic() + PATIENCE
        for attempt in range(ATTEMPTS):
            try:
                with Transaction(self.engine, self.plans) as connection:
                    if not self._alone:  # behind a lock, a writer must see what the one before it wrote
                        connection.execution_options(isolation_level="READ COMMITTED")
                    with connection.begin():
                        if self._alone:  # a writer that began as a reader could find its snapshot outdated
                            _begin_alone(connection)
                        return work(connection)
            except sa.exc.IntegrityError:
                lost_races += 1
                if lost_races == LOST_RACES:
                    raise
                continue
            except sa.exc.DBAPIError as error:
                if attempt == ATTEMPTS - 1 or time.monotonic() > deadline or not is_transient(error):
                    raise
            time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads the racers, keeps no secret
            pause = min(2 * pause, PAUSE_CEILING)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def create_schema(self, *schemas: sa.MetaData) -> None:
        """Create the tables that are missing; safe when several processes start at once."""

        def create(tx: Connection) -> None:
            for schema in schemas:
                for table in schema.tables.values():
                    # rows in the order of their key, on SQLite as elsewhere: a commit is a quarter smaller
                    table.dialect_options["sqlite"]["with_rowid"] = not table.primary_key.columns
                schema.create_all(tx)
                _add_columns(tx, schema)

        for attempt in range(ATTEMPTS):
            try:
                return self.write(create)
            except (sa.exc.ProgrammingError, sa.exc.IntegrityError, sa.exc.OperationalError):
                # another process created the same table between the look and the CREATE: look again
                if attempt == ATTEMPTS - 1:
                    raise
        return None

    def close(self) -> None:
        """Close all connections of this process."""
        self.engine.dispose()


def _add_columns(tx: Connection, schema: sa.MetaData) -> None:
    """Add the columns that the tables of an earlier version lack; a later version's columns may be null."""
    inspector = sa.inspect(tx)
    quote = tx.dialect.identifier_preparer
    for table in schema.sorted_tables:
        present = {column["name"] for column in inspector.get_columns(table.name)}
        for column in table.columns:
            if column.name not in present:
                kind = column.type.compile(tx.dialect)
                tx.exec_driver_sql(f"ALTER TABLE {quote.format_table(table)} ADD {quote.format_column(column)} {kind}")


def is_alone(dialect: sa.Dialect) -> bool:
    """Whether a writer has the whole database to itself."""
    return dialect.name == "sqlite"


def _begin_alone(connection: Connection) -> None:
    """Begin as the only writer of the SQLite database; while waiting for another writer, look often.

    SQLite itself would look after 1, 2, 5, 10, 15 ms and so on, while the others' commits take a millisecond each.
    """
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA busy_timeout=0")
    try:
        deadline = time.monotonic() + BUSY_TIMEOUT
        while time.monotonic() < deadline:
            try:
                driver.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:  # for any reason
                    break
            time.sleep(LOOK * random.uniform(0.5, 1.0))  # noqa: S311 - spreads the waiting, keeps no secret
    finally:
        driver.execute(f"PRAGMA busy_timeout={int(1000 * BUSY_TIMEOUT)}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")  # executed again by SQLAlchemy, which raises its own error


def hold(tx: Connection, statement: sa.Select[Any], parameters: Mapping[str, object]) -> None:
    """Lock the rows that the statement finds until the transaction ends; not needed on SQLite, where a writer is
    alone.
    """
    if not is_alone(tx.dialect):
        tx.execute(locking(statement), parameters)


def _engine(url: str, connections: int) -> Engine:
    # no value of a statement in any error's text: some are secrets, and errors are logged
    common: dict[str, Any] = {"pool_size": connections, "max_overflow": 0, "hide_parameters": True}
    if not url.startswith("sqlite"):
        named = sa.make_url(url)
        bounds = _BOUNDS.get(named.get_driver_name(), {}).items()
        bounds_unset = {name: value for name, value in bounds if name not in named.query}
        return sa.create_engine(
            url, pool_pre_ping=True, isolation_level="REPEATABLE READ", connect_args=bounds_unset, **common
        )
    engine = sa.create_engine(
        url,
        **common,
        pool_reset_on_return=None,
        pool_use_lifo=True,  # connections that have compiled the statements are preferred
        connect_args={"timeout": BUSY_TIMEOUT, "check_same_thread": False},
    )

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver's own lazy BEGIN would let two readers turn writer and deadlock
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "cache_size=-8000"):
            connection.execute(f"PRAGMA {pragma}")
        regex.install(connection)

    return engine
