"""How close together the requests of a volley arrive, sent by their last bytes or by threads behind a barrier."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import requests

from benching.chart import Chart
from benching.table import Row, Table, times
from conformance.race.engine.volley import fire
from conformance.race.engine.wire import Request

ANSWERED = 10.0  # seconds
LAST_BYTES, BARRIER = "by their last bytes", "a barrier and requests.Session"


def spread(width: int, rounds: int) -> Table:
    """The table of milliseconds from the first to the last arrival of `width` requests, both ways in turn."""
    last_bytes: list[list[float]] = []
    barrier: list[list[float]] = []
    with arrivals() as url:
        for _ in range(rounds):
            deliveries = fire([Request("GET", url)] * width, answer_seconds=ANSWERED)
            last_bytes.append(_offsets([delivery.answer.body for delivery in deliveries if delivery.answer]))
            barrier.append(_offsets(_behind_a_barrier(url, width)))
    measured = {LAST_BYTES: last_bytes, BARRIER: barrier}
    tight, loose = ([offsets[-1] for offsets in by_round] for by_round in measured.values())
    rows = [
        Row(LAST_BYTES, "ms", tight),
        Row(BARRIER, "ms", loose, f"{times(median(loose), median(tight))} of ours"),
    ]
    usual = {
        name: [median(nth) for nth in zip(*offsets_by_round, strict=True)]
        for name, offsets_by_round in measured.items()
    }
    return Table(
        f"Spread of {width} requests on loopback",
        rows,
        "p50 <= 1.5 ms, and 10 times tighter than a barrier",
        chart=Chart("When the nth request arrives", "request", "ms after the first", usual),
    )


@contextmanager
def arrivals() -> Iterator[str]:
    """The URL of a server that answers with the time at which the request arrived."""
    command = [sys.executable, str(Path(__file__).with_name("arrivals.py"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        try:
            yield f"http://127.0.0.1:{server.stdout.readline().strip() if server.stdout else ''}/"
        finally:
            server.terminate()


def _offsets(bodies: list[bytes]) -> list[float]:
    """Milliseconds of each arrival after the first, in order."""
    moments = sorted(int(body) for body in bodies)
    return [(moment - moments[0]) / 1e6 for moment in moments]


def _behind_a_barrier(url: str, width: int) -> list[bytes]:
    """The answers' bodies for requests of threads, each with an open connection, that start together at a barrier."""
    barrier = threading.Barrier(width)

    def one() -> bytes:
        with requests.Session() as session:
            session.get(url, timeout=ANSWERED)
            barrier.wait(ANSWERED)
            return session.get(url, timeout=ANSWERED).content

    with ThreadPoolExecutor(width) as pool:
        return [future.result() for future in [pool.submit(one) for _ in range(width)]]
