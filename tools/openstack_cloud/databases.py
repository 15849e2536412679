"""The databases of a cloud: in the machine's MariaDB, one that GMAN_MYSQL_URL names, or one of its own."""

import json
import os
import pwd
from pathlib import Path
from urllib.parse import urlsplit

from . import services
from .errors import UsageError
from .machine import listening, program, run
from .processes import Program
from .settings import OWN, PACKAGE_PATH, Settings

MACHINE_PORT = 3306
MACHINE_ROOT = ("mysql://root@127.0.0.1", "mysql://root@127.0.0.1?unix_socket=/run/mysqld/mysqld.sock")
LOOPBACK = ("127.0.0.1", "localhost")
SEVERAL = {"nova": ("nova_api", "nova", "nova_cell0")}  # services with more than a database of their own name


def find(setting: str) -> str:
    """The value of `Settings.mysql` for that GMAN_MYSQL_URL on this machine."""
    url = urlsplit(setting)
    if setting not in ("", OWN) and not (url.scheme == "mysql" and url.hostname):
        raise UsageError(f"GMAN_MYSQL_URL: write mysql://USER:PASSWORD@HOST:PORT, or {OWN}")
    return setting or ("" if listening(MACHINE_PORT) else OWN)


def me() -> str:
    return pwd.getpwuid(os.geteuid()).pw_name


def socket(settings: Settings) -> Path:
    return settings.state / "run" / "mariadb.sock"


def options(settings: Settings) -> list[str]:
    return ["--no-defaults", f"--datadir={settings.state / 'data' / 'mariadb'}", f"--user={me()}"]


def initialise(settings: Settings) -> None:
    """Make the data directory of our own server; its administrator is the current user, by the socket."""
    root = ["--auth-root-authentication-method=socket", f"--auth-root-socket-user={me()}", "--skip-test-db"]
    run(settings, "mariadb-install", [program("mariadb-install-db") or "", *options(settings), *root])


def server(settings: Settings) -> Program:
    """A MariaDB of our own, all of it in the state directory."""
    line = [
        program("mariadbd") or "",
        *options(settings),
        f"--socket={socket(settings)}",
        f"--port={settings.ports['mariadb']}",
        "--bind-address=127.0.0.1",
        "--skip-name-resolve",
        "--max-connections=400",
        "--innodb-buffer-pool-size=512M",
    ]
    return Program("mariadb", line, str(socket(settings)))


def administrators(settings: Settings) -> tuple[str, ...]:
    """URLs of accounts that may create databases, to be tried in this order."""
    if settings.mysql == OWN:
        return (f"mysql://{me()}@127.0.0.1?unix_socket={socket(settings)}",)
    return (settings.mysql,) if settings.mysql else MACHINE_ROOT


def services_url(settings: Settings) -> str:
    """The URL by which the services connect, without a database, in SQLAlchemy's form."""
    url = urlsplit(settings.mysql)
    port = settings.ports["mariadb"] if settings.mysql == OWN else url.port or MACHINE_PORT
    account = f"{settings.prefix}:{settings.secret('mariadb')}"
    return f"mysql+pymysql://{account}@{url.hostname or LOOPBACK[0]}:{port}"


def accounts(settings: Settings) -> list[str]:
    """The services' account, once for each host name under which the server may see them."""
    local = (urlsplit(settings.mysql).hostname or LOOPBACK[0]) in LOOPBACK
    return [f"'{settings.prefix}'@'{host}'" for host in (LOOPBACK if local else ("%",))]


def names(settings: Settings) -> list[str]:
    """The databases of the cloud's services; the reference keeps a file in the state directory."""
    return [
        f"{settings.prefix}_{name}" for service in services.web(settings) for name in SEVERAL.get(service, (service,))
    ]


def create(settings: Settings) -> None:
    """Create empty databases and their account; those that a lost state directory left behind are dropped first."""
    password = settings.secret("mariadb")
    drop(settings)
    execute(
        settings,
        *(f"CREATE DATABASE {name} CHARACTER SET utf8mb4" for name in names(settings)),
        *(f"CREATE USER {account} IDENTIFIED BY '{password}'" for account in accounts(settings)),
        *(f"GRANT ALL ON {name}.* TO {account}" for account in accounts(settings) for name in names(settings)),
    )


def drop(settings: Settings) -> None:
    """Remove every database and account that `create` makes."""
    execute(
        settings,
        *(f"DROP DATABASE IF EXISTS {name}" for name in names(settings)),
        *(f"DROP USER IF EXISTS {account}" for account in accounts(settings)),
    )


def execute(settings: Settings, *statements: str) -> None:
    """Run statements as the first administrator that can log in."""
    request = json.dumps({"urls": administrators(settings), "statements": statements})
    run(settings, "sql", [settings.bin("python"), "-m", "openstack_cloud.sql"], PACKAGE_PATH, request)
