"""Counts the requests of a reference: Python loads this by itself in each process that has this folder in PYTHONPATH.

Each request that a worker begins to answer adds a byte to the file that the variable GMAN_BENCH_REQUESTS names.
Whichever revision of the reference it is, gunicorn's worker with threads is below it.
"""

import os
import sys

if "reference" in sys.orig_argv and os.environ.get("GMAN_BENCH_REQUESTS"):
    from gunicorn.workers.gthread import ThreadWorker

    counts = os.open(os.environ["GMAN_BENCH_REQUESTS"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    handle = ThreadWorker.handle_request

    def counted(*arguments):
        os.write(counts, b".")
        return handle(*arguments)

    ThreadWorker.handle_request = counted
