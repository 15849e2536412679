"""A new, empty database on each kind of server, for tools that start a reference of their own."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

SQLITE = "sqlite"
# kind -> the environment variable with its server's URL, and the URL if that is not set
SERVERS = {
    "postgresql": ("GMAN_TEST_POSTGRESQL", "postgresql+psycopg://postgres@127.0.0.1/postgres"),
    "mariadb": ("GMAN_TEST_MARIADB", "mysql+pymysql://root@127.0.0.1/mysql"),
}
KINDS = (SQLITE, *SERVERS)


class Unreachable(Exception):
    """The database server does not answer; the message is one line, and says what to do."""


@contextmanager
def empty(kind: str, purpose: str) -> Iterator[str]:
    """The URL of a database of that kind, created for the block and then dropped. Its name has the `purpose` in it.

    For SQLite the URL is empty, as a reference creates its file itself. Raises Unreachable.
    """
    if kind == SQLITE:
        yield ""
        return
    variable, default = SERVERS[kind]
    url = sa.make_url(os.environ.get(variable, default))
    name = f"gman_{purpose}_{secrets.token_hex(6)}"
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
    except sa.exc.OperationalError:
        raise Unreachable(f"no {kind} at {url.host}: start one, or name it by {variable}") from None
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            force = " WITH (FORCE)" if kind == "postgresql" else ""
            connection.execute(sa.text(f"DROP DATABASE {name}{force}"))
        engine.dispose()
