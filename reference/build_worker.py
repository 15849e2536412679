"""A process that only builds: a compute host of its own beside those that serve, on the same database.

    gman serve --builders 0 --db URL
    gman serve --compute-only --compute-host c2 --db URL

It answers no request; what it asks of Networking goes through the same application that serves it elsewhere. One that
is killed leaves what it held to the others.
"""

import os
import signal
import threading

from reference import parent_watch
from reference.app import SCHEMAS, services
from reference.config import Settings
from reference.store import Store


def build(settings: Settings) -> None:
    """Build until told to stop.

    Errors: OSError where there is nobody to build; SQLAlchemy's where the database cannot be reached.
    """
    if not settings.builders:
        raise OSError("a process that only builds needs --builders of at least 1")
    stopping = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda _number, _frame: stopping.set())
    if settings.with_input:
        parent_watch.end_with_input(os.getpid())
    # each builder and their heartbeat hold one connection at a time
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
