"""The reference as a server: several worker processes behind one or more listening sockets, run by gunicorn.

The parent prepares the database before it forks; each worker opens its own connections, and runs builders beside its
request threads.
"""

import fcntl
import json
import os
import shutil
import socket
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO
from wsgiref.types import WSGIApplication

import sqlalchemy as sa
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from reference import build_worker, control, credentials, memory, parent_watch
from reference.app import application, services
from reference.bootstrap import bootstrap
from reference.config import Settings
from reference.settings_sources import Unusable
from reference.store import Store
from reference.worker import Worker

if TYPE_CHECKING:  # loaded only where guests are to run
    from reference.guests.keeper import Keeper

GRACE = 10  # seconds that a worker has to finish its requests
HUNG = 300  # seconds without a heartbeat until a worker, maybe starved on a busy machine, is killed with its requests
LOOPBACK = "127.0.0.1"
PRIVATE = 0o077  # a umask: only the owner may read what is written, whatever the directory allows
KEEPALIVE = 75  # seconds an idle connection stays open


class Server(BaseApplication):  # type: ignore[misc] # gunicorn is not typed
    """gunicorn with our settings instead of its configuration files."""

    def __init__(self, settings: Settings, sockets: list[socket.socket], keeper: "Keeper | None" = None) -> None:
        self.settings = settings
        self.sockets = sockets
        self.keeper = keeper
        super().__init__()

    def run(self) -> None:
        Parent(self).run()

    def load_config(self) -> None:
        options = {
            "bind": [f"fd://{listening.fileno()}" for listening in self.sockets],
            "workers": self.settings.workers,
            "worker_class": Worker,
            "threads": self.settings.threads,
            "keepalive": KEEPALIVE,
            "graceful_timeout": GRACE,
            "timeout": HUNG,
            "control_socket_disable": True,
            "forwarded_allow_ips": "",  # there is no proxy in front, so no client may set path or scheme by headers
            "permit_unconventional_http_method": True,  # the services refuse them, each in its own form
            "proc_name": "gman",
            "loglevel": "warning",
            "when_ready": self._announce,
            "on_exit": self._withdraw,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> WSGIApplication:
        if self.settings.with_input:
            parent_watch.end_with_input(os.getppid())  # here, as the parent forks and must not have threads
        # a request thread, a builder thread and the builders' heartbeat each hold one connection at a time
        store = Store(self.settings.database_url, self.settings.threads + self.settings.builders + 2)
        parts = services(store, self.settings)
        memory.keep_what_is_loaded()
        if parts.builder is not None:
            parts.builder.start()  # at once, as an earlier run may have left work
        extra = {port: control.application(store, self.settings)} if (port := self.settings.control_port) else {}
        return application(parts.apps, store, self.settings, extra)

    def _announce(self, _arbiter: Any) -> None:
        path = _ready(self.settings)
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps({"url": f"http://{_host(self.settings)}:{self.settings.port}", "pid": os.getpid()}))
        draft.replace(path)
        print(_usage(self.settings), flush=True)

    def _withdraw(self, _arbiter: Any) -> None:
        _ready(self.settings).unlink(missing_ok=True)
        if self.settings.discard_data:
            shutil.rmtree(self.settings.data, ignore_errors=True)


class Parent(Arbiter):  # type: ignore[misc] # gunicorn is not typed
    """The parent of the workers; it also keeps the agent of the data plane running, if there is one."""

    def manage_workers(self) -> None:
        super().manage_workers()
        if self.app.keeper is not None:
            self.app.keeper.mend()

    def stop(self, graceful: bool = True) -> None:
        if self.app.keeper is not None:
            self.app.keeper.stop()  # first, as it asks the workers all the time
        super().stop(graceful)


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises OSError where an address is taken or the data directory cannot be written; SQLAlchemy's errors where the
    database is unreachable; Unusable where Keystone cannot be used, or where --discard-data would delete other files.
    """
    if settings.beside_keystone:
        try:
            from reference import keystone
        except ModuleNotFoundError as error:
            raise Unusable(f"--auth keystone needs {error.name}: install get-me-a-network[keystone]") from None
        settings = keystone.settled(settings)
    os.umask(PRIVATE)
    settings.data.mkdir(parents=True, exist_ok=True)
    _protect(settings)
    if settings.discard_data and any(settings.data.iterdir()):
        raise Unusable(f"--discard-data would delete what is in {settings.data}: give it an empty directory")
    if settings.compute_only:
        build_worker.build(settings)
        return
    claim = _claim(settings)
    _ready(settings).unlink(missing_ok=True)
    shared = _listen(settings.host, settings.port)
    settings = replace(settings, port=shared.getsockname()[1])
    sockets = [shared, *(_listen(settings.host, port) for _name, port in settings.ports)]
    if settings.control_port:
        sockets.append(_listen(LOOPBACK, settings.control_port))
    store = Store(settings.database_url)
    accounts = bootstrap(store, settings, credentials.known_passwords(settings))
    store.close()
    if accounts:
        credentials.write(settings, accounts)
    memory.one_heap()
    memory.keep_what_is_loaded()
    with claim:
        Server(settings, sockets, _data_plane(settings) if settings.guests else None).run()


def _claim(settings: Settings) -> TextIO:
    """A file whose lock tells other references that the data directory is in use: it has one clouds.yaml only.

    The lock ends with this process, however that ends, and is not handed on to its workers. Raises Unusable where
    another process has it.
    """
    claim = (settings.data / "serving").open("w")
    try:
        fcntl.lockf(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        claim.close()
        raise Unusable(
            f"another gman serve uses {settings.data}: stop it, or name another directory by --data"
        ) from None
    return claim


def _protect(settings: Settings) -> None:
    """Take the permissions of others away from the files of a SQLite database that exists. Raises OSError."""
    url = sa.make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        return
    for suffix in ("", "-wal", "-shm"):
        path = Path(f"{url.database}{suffix}")
        if path.exists():
            path.chmod(0o600)


def _data_plane(settings: Settings) -> "Keeper":
    """The keeper of the agent that makes servers run. Raises Unusable where this system does not let it."""
    from reference.guests.keeper import Keeper

    keeper = Keeper(settings)
    keeper.start()
    return keeper


def _listen(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family, backlog=1024)
    # gunicorn sets this, too, but too late for clients that connect before it is up: their answers would wait 40 ms
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _ready(settings: Settings) -> Path:
    """The file with the reference's URL and process id, there while it serves."""
    return settings.data / "ready.json"


def _host(settings: Settings) -> str:
    return f"[{settings.host}]" if ":" in settings.host else settings.host


def _usage(settings: Settings) -> str:
    if settings.beside_keystone:
        places = "".join(f"  {name:8} {settings.url(name)}\n" for name in settings.served)
        return f"Up beside the Keystone at {settings.identity_url}; what its catalog needs:\n\n{places}"
    clouds = Path(settings.data / "clouds.yaml").resolve()
    return (
        f"A cloud is up at http://{_host(settings)}:{settings.port}. To use it:\n\n"
        f"  export OS_CLIENT_CONFIG_FILE={clouds}\n"
        f"  export OS_CLOUD=gman        # or gman-alt, gman-admin, gman-reader\n"
        f"  openstack server create --image cirros --flavor m1.tiny --nic auto --wait first\n\n"
        f"Ctrl-C stops it; what it holds {'goes with' if settings.discard_data else 'stays in'} {settings.data}."
    )
