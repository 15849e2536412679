"""The proxy on the way to a host, where the environment names one (http_proxy, https_proxy, no_proxy): volleys use it
as all other calls of the suite do.
"""

import socket
from base64 import b64encode
from dataclasses import dataclass, field
from time import monotonic
from urllib.parse import unquote, urlsplit

from requests.utils import get_environ_proxies, select_proxy

from conformance.race.engine.wire import END_OF_HEAD
from conformance.verdict.signals import Unsupported

LONGEST_HEAD = 65536  # bytes of a proxy's answer
DEFAULT_PORT = 80


@dataclass(frozen=True)
class Proxy:
    """`authorization` is the value of the header by which it knows its user; empty if there is none."""

    host: str
    port: int
    authorization: str = field(default="", repr=False)

    @property
    def headers(self) -> dict[str, str]:
        return {"Proxy-Authorization": self.authorization} if self.authorization else {}


def on_the_way_to(url: str) -> Proxy | None:
    """The proxy for the URL; None where it is called directly. Raises Unsupported for a proxy that is no plain HTTP."""
    text = select_proxy(url, get_environ_proxies(url))
    if not text:
        return None
    parts = urlsplit(text if "://" in text else f"http://{text}")
    if parts.scheme != "http" or not parts.hostname:
        raise Unsupported(
            f"races go through proxies of the scheme http alone, and this is {parts.scheme}: see no_proxy"
        )
    user = f"{unquote(parts.username)}:{unquote(parts.password or '')}" if parts.username else ""
    authorization = f"Basic {b64encode(user.encode()).decode()}" if user else ""
    return Proxy(parts.hostname, parts.port or DEFAULT_PORT, authorization)


def tunnel(sock: socket.socket, proxy: Proxy, host: str, port: int, seconds: float) -> None:
    """Have the proxy connect the socket with the host. Raises OSError where it does not within `seconds`."""
    name = f"[{host}]" if ":" in host else host
    head = {"Host": f"{name}:{port}", **proxy.headers}
    lines = [f"CONNECT {name}:{port} HTTP/1.1", *(f"{key}: {value}" for key, value in head.items())]
    sock.sendall("\r\n".join(lines).encode("latin-1") + END_OF_HEAD)
    until, received = monotonic() + seconds, b""
    while END_OF_HEAD not in received:
        sock.settimeout(max(until - monotonic(), 0.001))
        try:
            chunk = sock.recv(1)  # byte by byte: what follows the proxy's head comes from the host
        except ConnectionError:  # the proxy closed before it had read the whole request
            chunk = b""
        if not chunk or len(received) > LONGEST_HEAD:
            raise OSError("the proxy gave no answer to CONNECT")
        received += chunk
    status = received.split(b"\r\n", 1)[0].split(b" ")[1:2]
    if status != [b"200"]:
        raise OSError(f"the proxy answered {b''.join(status).decode('latin-1')[:3]} to CONNECT")
