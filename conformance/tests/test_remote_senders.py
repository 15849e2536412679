"""Volleys that several processes send: the calls are distributed, released together and collected; and processes
that fail.
"""

import socket
import ssl
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from conformance.race.checkers.overlap import overlap, spread
from conformance.race.engine.history import read
from conformance.race.engine.remote_senders import Clock, RemoteSenders, started
from conformance.race.engine.volley import VolleyError
from conformance.race.engine.wire import Request
from conformance.tests.race_server import PATIENCE, Server, answer, make_certificate, until_closed
from conformance.tests.test_race_faults import TOPOLOGY_CHECKS, race_topology
from conformance.verdict.signals import Inconclusive

TOGETHER = 0.05  # seconds between the first and the last byte, on a machine that is busy with other things


@pytest.fixture(scope="module")
def three() -> Iterator[RemoteSenders]:
    with started([f"popen//python={sys.executable}"] * 3) as senders:
        assert senders is not None
        yield senders


def echo(server: Server, line: socket.socket) -> None:
    path = server.head(line).split()[1]
    line.sendall(
        b"HTTP/1.1 200 OK\r\nx-openstack-request-id: req-1\r\nContent-Length: %d\r\n\r\n%s" % (len(path), path)
    )


def test_requests_are_dealt_out_and_answered_in_their_places(three: RemoteSenders) -> None:
    with Server(echo).serving() as server:
        calls = [Request("GET", f"{server.url}{n}", {"X-Auth-Token": "t"}) for n in range(8)]
        sent = three.fire(calls, answer_seconds=PATIENCE, verify=True)
    answers = [delivery.answer for delivery in sent]
    assert [answer.body for answer in answers if answer] == [b"/%d" % n for n in range(8)]
    assert {answer.headers["X-OpenStack-Request-ID"] for answer in answers if answer} == {"req-1"}
    assert len({delivery.sender for delivery in sent}) == 3
    assert all(b"X-Auth-Token: t" in head for head in server.received)


@pytest.mark.parametrize("secure", [False, True])
def test_they_leave_together(three: RemoteSenders, tmp_path: Path, secure: bool) -> None:
    certificate = make_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Server(answer, context if secure else None).serving() as server:
        calls = [Request("GET", server.url)] * 12
        spreads = []
        for _ in range(5):
            deliveries = three.fire(calls, answer_seconds=PATIENCE, verify=str(certificate))
            assert [delivery.answer.status if delivery.answer else delivery.lost for delivery in deliveries] == [
                200
            ] * 12
            spreads.append(spread(deliveries))
            assert overlap(deliveries).calls == 12
    assert min(spreads) < TOGETHER, spreads


def test_clocks_of_one_host_agree(three: RemoteSenders) -> None:
    for clock in three.clocks.values():
        assert abs(clock.ahead) <= clock.unsure < 1


def test_times_are_brought_to_our_clock(three: RemoteSenders, monkeypatch: pytest.MonkeyPatch) -> None:
    for sender in three._senders:
        monkeypatch.setattr(
            sender, "clock", Clock(-1000.0, sender.clock.unsure)
        )  # as if it had started later than ours
    with Server(answer).serving() as server:
        [sent] = three.fire([Request("GET", server.url)], answer_seconds=PATIENCE, verify=True)
    assert sent.completed is not None
    assert sent.invoked < sent.completed < sent.invoked + PATIENCE
    assert sent.invoked > monotonic() + 900


def test_one_that_cannot_connect_holds_the_others_back(three: RemoteSenders) -> None:
    with socket.create_server(("localhost", 0)) as listening:
        closed = f"http://localhost:{listening.getsockname()[1]}/"
    with Server(until_closed).serving() as server:
        calls = [Request("GET", server.url), Request("GET", closed), Request("GET", server.url)]
        with pytest.raises(VolleyError, match=r"2:popen.*refused"):
            three.fire(calls, answer_seconds=PATIENCE, verify=True)
    with Server(answer).serving() as server:  # and all can fire again
        sent = three.fire([Request("GET", server.url)] * 3, answer_seconds=PATIENCE, verify=True)
    assert all(delivery.answer for delivery in sent)


def test_one_that_dies_spoils_the_volley() -> None:
    with started([f"popen//python={sys.executable}"] * 2) as senders:
        assert senders is not None
        senders._senders[1].close()
        with Server(answer).serving() as server, pytest.raises(VolleyError, match=r"2:popen.* does not answer"):
            senders.fire([Request("GET", server.url)] * 2, answer_seconds=PATIENCE, verify=True)


def test_a_sender_that_cannot_be_started() -> None:
    with pytest.raises(Inconclusive, match="no calls can be sent from popen//python=/nowhere/python"):
        RemoteSenders(["popen//python=/nowhere/python"])


def test_without_senders_this_process_sends() -> None:
    with started([]) as senders:
        assert senders is None


def test_a_race_from_two_processes_is_one_history(tmp_path: Path) -> None:
    with started([f"popen//python={sys.executable}"] * 2) as senders:
        records = race_topology(tmp_path, senders=senders)
    raced = [record for record in records if record.volley]
    assert len({record.sender for record in raced}) == 2
    assert len({record.host for record in records}) == 1
    assert all(record.unsure > 0 for record in raced)
    assert not any(record.sender or record.unsure for record in records if not record.volley)
    assert read(sorted(tmp_path.glob("*.ndjson"))) == records
    for check in TOPOLOGY_CHECKS.values():
        check.judge(records)
