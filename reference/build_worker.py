"""A process that only builds servers: a compute host of its own, on the same database as the processes that serve.

    gman serve --builders 0 --db URL
    gman serve --compute-only --compute-host c2 --db URL

It answers no request. It calls Networking as a function, in this process. Work of a process that is killed is done by
the others.
"""

import os
import signal
import threading

from reference import parent_watch
from reference.app import SCHEMAS, services
from reference.config import Settings
from reference.store import Store


def build(settings: Settings) -> None:
    """Build servers until SIGTERM or SIGINT.

    Raises OSError without a builder or Compute in the settings; SQLAlchemy's errors where the database is unreachable.
    """
    if not settings.builders:
        raise OSError("a process that only builds needs --builders of at least 1")
    stopping = threading.Event()
    for stop_signal in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop_signal, lambda _number, _frame: stopping.set())
    if settings.with_input:
        parent_watch.end_with_input(os.getpid())
    # each builder and the heartbeat hold one connection at a time
    store = Store(settings.database_url, settings.builders + 2)
    store.create_schema(*SCHEMAS)
    builder = services(store, settings).builder
    if builder is None:
        raise OSError("a process that only builds needs compute among --services")
    builder.start()
    print(f"Compute host {settings.compute_host} builds.", flush=True)
    stopping.wait()
    builder.stop()
    store.close()
