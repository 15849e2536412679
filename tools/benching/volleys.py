"""How close together the requests of a volley arrive: released by their last bytes, and by threads behind a barrier."""

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
    """Milliseconds from the first to the last arrival of `width` requests, both ways in turn; the picture has each."""
    ours: list[list[float]] = []
    barrier: list[list[float]] = []
    with arrivals() as url:
        for _ in range(rounds):
            deliveries = fire([Request("GET", url)] * width, answer_seconds=ANSWERED)
            ours.append(_offsets([delivery.answer.body for delivery in deliveries if delivery.answer]))
            barrier.append(_offsets(_behind_a_barrier(url, width)))
    both = {LAST_BYTES: ours, BARRIER: barrier}
    tight, loose = ([offsets[-1] for offsets in each] for each in both.values())
    rows = [
        Row(LAST_BYTES, "ms", tight),
        Row(BARRIER, "ms", loose, f"{times(median(loose), median(tight))} of ours"),
    ]
    usual = {
        name: [median(nth) for nth in zip(*each, strict=True)]
        for name, each in ((LAST_BYTES, ours), (BARRIER, barrier))
    }
    return Table(
        f"Spread of {width} requests on loopback",
        rows,
        "p50 <= 1.5 ms, and 10 times tighter than a barrier",
        chart=Chart("When the nth request arrives", "request", "ms after the first", usual),
    )


@contextmanager
def arrivals() -> Iterator[str]:
    """The URL of a server that tells when requests arrive."""
    command = [sys.executable, str(Path(__file__).with_name("arrivals.py"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        try:
            yield f"http://127.0.0.1:{server.stdout.readline().strip() if server.stdout else ''}/"
        finally:
            server.terminate()


def _offsets(bodies: list[bytes]) -> list[float]:
    """Milliseconds of each arrival after the first, in order."""
    at = sorted(int(body) for body in bodies)
    return [(moment - at[0]) / 1e6 for moment in at]


def _behind_a_barrier(url: str, width: int) -> list[bytes]:
    """What most suites do: each thread has a session with its connection open, and all wait for each other."""
    barrier = threading.Barrier(width)

    def one() -> bytes:
        with requests.Session() as session:
            session.get(url, timeout=ANSWERED)
            barrier.wait(ANSWERED)
            return session.get(url, timeout=ANSWERED).content

    with ThreadPoolExecutor(width) as pool:
        return [done.result() for done in [pool.submit(one) for _ in range(width)]]
