"""How close together the requests of a volley arrive: released by their last bytes, and by threads behind a barrier."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import requests

from benching.table import Row, Table, times
from conformance.race.volley import fire
from conformance.race.wire import Request

ANSWERED = 10.0  # seconds


def spread(width: int, rounds: int) -> Table:
    """Milliseconds from the first to the last arrival of `width` requests, both ways in turn."""
    ours: list[float] = []
    barrier: list[float] = []
    with arrivals() as url:
        for _ in range(rounds):
            flights = fire([Request("GET", url)] * width, answer_seconds=ANSWERED)
            ours.append(_spread([flight.answer.body for flight in flights if flight.answer]))
            barrier.append(_spread(_behind_a_barrier(url, width)))
    rows = [
        Row("by their last bytes", "ms", ours),
        Row("a barrier and requests.Session", "ms", barrier, f"{times(median(barrier), median(ours))} of ours"),
    ]
    return Table(f"Spread of {width} requests on loopback", rows, "p50 <= 1.5 ms, and 10 times tighter than a barrier")


@contextmanager
def arrivals() -> Iterator[str]:
    """The URL of a server that tells when requests arrive."""
    command = [sys.executable, str(Path(__file__).with_name("arrivals.py"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        try:
            yield f"http://127.0.0.1:{server.stdout.readline().strip() if server.stdout else ''}/"
        finally:
            server.terminate()


def _spread(bodies: list[bytes]) -> float:
    at = [int(body) for body in bodies]
    return (max(at) - min(at)) / 1e6


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
