"""gunicorn's worker with threads, which gives a thread only to a request that has arrived whole.

The main loop collects what comes in on all connections. So a client that is slow, or sends half a request and no more,
costs a socket and some memory, and no thread; after the settings' `arrival_seconds` it is answered 408, or closed if
there is not even a head. A body that is too long is refused at once, without its being read.
"""

import contextlib
import logging
import selectors
import socket
import time
from functools import partial
from typing import Any

from gunicorn.http.body import Body
from gunicorn.http.errors import NoMoreData, ParseException
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, TConn, ThreadWorker

from reference.arrival import Arrival, Stage
from reference.wsgi import bodies

ANSWER_SECONDS = 30  # seconds that a client may take to read an answer
LINGER = 2.0  # seconds that a connection stays half open for a client that still sends
PIECE = 64 * 1024  # bytes read at once
_TROUBLES = {
    Stage.BODY: bodies.too_slow,
    Stage.BODY_TOO_LONG: bodies.too_long,
    Stage.MALFORMED: bodies.malformed,
}
_INVALID = "Invalid request from "  # begins gunicorn's log line of one
_HEAD_TOO_LONG = b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def hide_content(record: logging.LogRecord) -> bool:
    """Cut the content off gunicorn's record of an invalid request, as it may hold a token. True: the rest is logged."""
    if isinstance(record.msg, str) and record.msg.startswith(_INVALID):
        record.msg = record.msg.partition(": ")[0]
    return True


class Connection(TConn):  # type: ignore[misc] # gunicorn is not typed
    """A connection, with what has arrived of its next request, and when it is given up (monotonic seconds)."""

    def __init__(self, worker: "Worker", client: socket.socket, address: Any, listener: socket.socket) -> None:
        super().__init__(worker.cfg, client, address, listener.getsockname())
        self.worker = worker
        self.arrival = Arrival()
        self.deadline = 0.0

    def init(self) -> None:
        super().init()
        self.sock.settimeout(ANSWER_SECONDS)

    def close(self, graceful: bool = False) -> None:
        """Close it; where `graceful`, once the client has had time to read the answer."""
        if graceful:
            self.worker.linger(self)
        else:
            super().close()


class Received(Body):  # type: ignore[misc] # gunicorn is not typed
    """A request's body; it raises the errors that services answer."""

    def __init__(self, reader: Any, stage: Stage) -> None:
        super().__init__(reader)
        self.trouble = _TROUBLES.get(stage)
        self.failed = self.trouble is not None  # no other request can follow on this connection

    def _read_reader(self, size: int) -> Any:
        if self.trouble is not None:
            raise self.trouble()
        try:
            return super()._read_reader(size)
        except (ParseException, NoMoreData):
            raise bodies.malformed() from None
        except TimeoutError:
            raise bodies.too_slow() from None


class Worker(ThreadWorker):  # type: ignore[misc] # gunicorn is not typed
    """The worker; `waiting` are the connections whose request has not arrived, `lingering` those being closed."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.arrival_seconds = self.app.settings.arrival_seconds
        self.waiting: set[Connection] = set()
        self.lingering: set[Connection] = set()

    def init_process(self) -> None:
        self.log.error_log.addFilter(hide_content)
        super().init_process()

    def accept(self, listener: socket.socket) -> None:
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        self.enqueue_req(Connection(self, client, address, listener))

    def enqueue_req(self, conn: Connection) -> None:
        """Give the connection a thread once its next request has arrived; part of that may be in its buffer."""
        conn.sock.setblocking(False)
        conn.arrival = Arrival(conn.parser.unreader.take_buffered() if conn.parser else b"")
        idle = conn.parser is not None and not conn.arrival.content  # answered, and silent since
        conn.deadline = time.monotonic() + (self.cfg.keepalive if idle else self.arrival_seconds)
        self.waiting.add(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._readable, conn))
        if not self._proceed(conn):
            self._readable(conn, conn.sock)

    def _readable(self, conn: Connection, client: socket.socket) -> None:
        """Take what has arrived, and go on with it."""
        try:
            content = client.recv(PIECE)
        except BlockingIOError:
            return
        except OSError:
            content = b""
        if not content:
            self._give_up(conn)
            return
        if not conn.arrival.content:
            conn.deadline = time.monotonic() + self.arrival_seconds
        conn.arrival.add(content)
        self._proceed(conn)

    def _proceed(self, conn: Connection) -> bool:
        """Whether the connection no longer waits: it was handed on, or given up."""
        if conn.arrival.stage is Stage.HEAD_TOO_LONG:
            self._send(conn, _HEAD_TOO_LONG)
            self._give_up(conn, graceful=True)
        elif conn.arrival.is_over:
            self._hand_on(conn)
        elif conn.arrival.stage is Stage.BODY and conn.arrival.expects_continue:
            conn.arrival.expects_continue = False
            self._send(conn, _CONTINUE)
        return conn not in self.waiting

    def _hand_on(self, conn: Connection) -> None:
        self._stop_waiting(conn)
        conn.init()
        conn.parser.unreader.unread(bytes(conn.arrival.content))
        super().enqueue_req(conn)

    def handle_request(self, req: Any, conn: Connection) -> bool:
        """Answer a request; whether another may follow on the connection."""
        req.body = Received(req.body.reader, conn.arrival.stage)
        if req.body.failed:
            req.force_close()
        req._expected_100_continue = False  # the client has been sent 100 Continue
        try:
            return bool(super().handle_request(req, conn))
        except TimeoutError:  # nobody reads the answer
            return False

    def murder_pending(self) -> None:
        """Give up connections whose request has not arrived in time, and all waiting ones when this worker ends."""
        now = time.monotonic()
        for conn in list(self.waiting):
            if not self.alive:
                conn.deadline = min(conn.deadline, now + STOP_KEEPALIVE_LINGER)
            if now < conn.deadline:
                continue
            if conn.arrival.stage is Stage.BODY:
                self._hand_on(conn)
            else:
                self._give_up(conn)
        for conn in [conn for conn in self.lingering if now >= conn.deadline]:
            self._end_lingering(conn)

    def linger(self, conn: Connection) -> None:
        """Close this side of the connection, the other one when the client does, or after LINGER."""
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._discard, conn))
        except OSError:
            conn.close()
            return
        conn.deadline = time.monotonic() + LINGER
        self.nr_conns += 1
        self.lingering.add(conn)

    def _discard(self, conn: Connection, client: socket.socket) -> None:
        try:
            if client.recv(PIECE):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self._end_lingering(conn)

    def _end_lingering(self, conn: Connection) -> None:
        self.lingering.discard(conn)
        self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()

    def _stop_waiting(self, conn: Connection) -> None:
        self.waiting.discard(conn)
        self.poller.unregister(conn.sock)

    def _give_up(self, conn: Connection, *, graceful: bool = False) -> None:
        self._stop_waiting(conn)
        self.nr_conns -= 1
        conn.close(graceful=graceful)

    def _send(self, conn: Connection, content: bytes) -> None:
        """Send a few bytes; a client whose buffer has no room for them does not get them."""
        with contextlib.suppress(OSError):
            conn.sock.send(content)
