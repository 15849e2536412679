"""The databases of a cloud: in the machine's MariaDB, in the one GMAN_MYSQL_URL names, or in one of its own."""

import getpass
import json
from pathlib import Path
from urllib.parse import urlsplit

from .errors import UsageError
from .machine import PACKAGE_PATH, listening, program, run
from .processes import Program
from .settings import OWN, Settings

MACHINE_PORT = 3306
MACHINE = (f"mysql://root@127.0.0.1:{MACHINE_PORT}", "mysql://root@127.0.0.1?unix_socket=/run/mysqld/mysqld.sock")
LOOPBACK = ("127.0.0.1", "localhost")
NAMES = ("keystone", "placement", "glance", "neutron", "nova_api", "nova", "nova_cell0")


def find(wanted: str) -> str:
    """What GMAN_MYSQL_URL comes to on this machine: a URL, "own", or "" for the machine's server."""
    url = urlsplit(wanted)
    if wanted not in ("", OWN) and not (url.scheme == "mysql" and url.hostname):
        raise UsageError(f"GMAN_MYSQL_URL: give mysql://USER:PASSWORD@HOST:PORT, or {OWN}")
    return wanted or ("" if listening(MACHINE_PORT) else OWN)


def server(settings: Settings) -> Program:
    """A MariaDB of our own, all of it in the state directory, run as whoever runs this."""
    data = settings.state / "data" / "mariadb"
    options = [
        f"--datadir={data}",
        f"--socket={socket(settings)}",
        f"--port={settings.ports['mariadb']}",
        f"--user={getpass.getuser()}",
        "--bind-address=127.0.0.1",
        "--skip-name-resolve",
        "--max-connections=400",
        "--innodb-buffer-pool-size=512M",
    ]
    return Program("mariadb", [program("mariadbd") or "mariadbd", "--no-defaults", *options], f"--datadir={data}")


def socket(settings: Settings) -> Path:
    return settings.state / "run" / "mariadb.sock"


def initialise(settings: Settings) -> None:
    """The data directory of our own server; its root is whoever owns it, recognised by the socket."""
    me = getpass.getuser()
    options = [
        "--no-defaults",
        f"--datadir={settings.state / 'data' / 'mariadb'}",
        f"--user={me}",
        "--auth-root-authentication-method=socket",
        f"--auth-root-socket-user={me}",
        "--skip-test-db",
    ]
    run(settings, "mariadb-install", [program("mariadb-install-db") or "mariadb-install-db", *options])


def administrators(settings: Settings) -> tuple[str, ...]:
    """URLs of accounts that may create databases, to be tried in this order."""
    if settings.mysql == OWN:
        return (f"mysql://{getpass.getuser()}@127.0.0.1?unix_socket={socket(settings)}",)
    return (settings.mysql,) if settings.mysql else MACHINE


def services_url(settings: Settings) -> str:
    """What the services connect to, without a database, in SQLAlchemy's form."""
    url = urlsplit(settings.mysql)
    host = url.hostname or "127.0.0.1"
    port = settings.ports["mariadb"] if settings.mysql == OWN else url.port or MACHINE_PORT
    return f"mysql+pymysql://{settings.prefix}:{settings.secret('mariadb')}@{host}:{port}"


def create(settings: Settings) -> None:
    """Empty databases, and the one account that may use them. What a lost state directory left behind goes."""
    accounts = [f"'{settings.prefix}'@'{host}'" for host in hosts(settings)]
    password = settings.secret("mariadb")
    execute(
        settings,
        drops(settings)
        + [f"CREATE DATABASE {settings.prefix}_{name} CHARACTER SET utf8mb4" for name in NAMES]
        + [f"CREATE USER {account} IDENTIFIED BY '{password}'" for account in accounts]
        + [f"GRANT ALL ON {settings.prefix}_{name}.* TO {account}" for account in accounts for name in NAMES],
    )


def drop(settings: Settings) -> None:
    """Remove every database and account that `create` made."""
    execute(settings, drops(settings))


def drops(settings: Settings) -> list[str]:
    databases = [f"DROP DATABASE IF EXISTS {settings.prefix}_{name}" for name in NAMES]
    return databases + [f"DROP USER IF EXISTS '{settings.prefix}'@'{host}'" for host in hosts(settings)]


def hosts(settings: Settings) -> tuple[str, ...]:
    """Where the services come from, as the server sees it."""
    return LOOPBACK if (urlsplit(settings.mysql).hostname or LOOPBACK[0]) in LOOPBACK else ("%",)


def execute(settings: Settings, statements: list[str]) -> None:
    """Run statements as the first administrator that gets in."""
    python = str(settings.state / "venv" / "bin" / "python")
    asked = {"urls": administrators(settings), "statements": statements}
    run(settings, "sql", [python, "-m", "openstack_cloud.sql"], PACKAGE_PATH, json.dumps(asked))
