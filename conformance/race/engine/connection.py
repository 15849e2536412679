"""One open connection that carries one request: all but its last byte, the last byte, then the answer."""

import socket
import ssl
from dataclasses import dataclass, field
from http.client import HTTPException
from time import monotonic

from conformance.race.engine.proxy import on_the_way_to, tunnel
from conformance.race.engine.wire import Answer, Request, parse
from conformance.target.gateway import retry_after
from conformance.target.transport import MAX_BODY

READ_SIZE = 65536  # bytes


def open_connection(request: Request, seconds: float, tls: ssl.SSLContext | None) -> "Connection":
    """Connect to the request's host, with TLS for https, by the proxy that the environment names for it.

    Raises OSError where that fails or takes over `seconds`, Unsupported for a proxy that races cannot go through.
    """
    target = request.target
    secure = target.scheme == "https"
    host, port = target.hostname or "", target.port or (443 if secure else 80)
    proxy = on_the_way_to(request.url)
    began = monotonic()
    sock = socket.create_connection((proxy.host, proxy.port) if proxy else (host, port), timeout=seconds)
    round_trip = monotonic() - began
    try:
        # with Nagle's algorithm the last byte would wait until the peer has acknowledged the rest
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if proxy and secure:
            tunnel(sock, proxy, host, port, seconds)
        if secure:
            sock.settimeout(seconds)
            sock = (tls or ssl.create_default_context()).wrap_socket(sock, server_hostname=host)
    except BaseException:
        sock.close()
        raise
    content = request.encode(proxy.headers if proxy and not secure else None)
    return Connection(request, sock, round_trip, content)


@dataclass
class Connection:
    """One request on its way. Times are monotonic seconds; `lost` says why there is no answer, once that is certain."""

    request: Request
    sock: socket.socket
    round_trip: float  # seconds that connecting took: one round trip to the peer, or a little more
    content: bytes = field(repr=False)  # the request's bytes
    invoked: float = 0.0
    first_byte: float | None = None
    completed: float | None = None
    answer: Answer | None = None
    lost: str = ""
    _received: bytearray = field(default_factory=bytearray, repr=False)

    def send_head(self) -> None:
        """Send all but the last byte, then make the socket non-blocking."""
        self.sock.sendall(self.content[:-1])
        self.sock.setblocking(False)

    def send_last(self, last: bytes) -> None:
        """Release the request: `last` is its last byte, which the caller has ready, as encoding takes time."""
        self.invoked = monotonic()
        try:
            self.sock.send(last)
        except OSError as error:
            self.lost = f"the connection broke before the last byte: {error}"

    @property
    def finished(self) -> bool:
        return self.answer is not None or bool(self.lost)

    @property
    def rate_limited(self) -> bool:
        """Whether a gateway answered that it should be retried later."""
        return self.answer is not None and retry_after(self.answer.status, self.answer.headers) is not None

    def read(self) -> None:
        """Read what has arrived; `finished` is then True if that was all.

        The caller then closes the socket at once: some servers accept no other connection while they wait for that.
        """
        ended = True  # whether the peer has closed
        try:
            try:
                while chunk := self.sock.recv(READ_SIZE):
                    self.completed = monotonic()
                    self.first_byte = self.first_byte or self.completed
                    self._received += chunk
                    if len(self._received) > MAX_BODY:
                        raise HTTPException(f"the answer is longer than {MAX_BODY} bytes")
            except (BlockingIOError, ssl.SSLWantReadError):
                ended = False
            self.answer = parse(bytes(self._received), self.request.method, ended=ended)
        except (OSError, HTTPException) as error:
            self.lost = str(error) or type(error).__name__
