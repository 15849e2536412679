"""The place beyond the external network that guests call: `gman outside` serves it, in as little of HTTP as that takes.

`GET /NONCE` gives the nonce back with the address that the caller is seen by. `GET /NONCE/PORT` also says whether
the caller can be reached there: what listens has to say the nonce. Nobody but the caller is ever called.
"""

import asyncio
import errno
import ipaddress
import json
import re
import socket
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from http import HTTPStatus

import requests

from conformance.target.contact import Contact
from conformance.target.gateway import GatewayAnswer
from conformance.target.transport import Transport

PORT = 8043  # where it serves, if nothing else is said
PATH = re.compile(r"/(?P<nonce>[0-9A-Za-z]{1,64})?/?(?P<port>\d{1,5})?")
LEAST_PORT, MOST_PORT = 1024, 65535  # ports to which the server connects back
PATIENCE = 10.0  # seconds for a request and its answer
BACK = 3.0  # seconds for calling the caller back
HEAD, PAGE = 8192, 1024  # bytes that are read of a request, and of what listens
CONNECTIONS, OF_ONE = 256, 32  # at once, and those of one address
BACKLOG = 128


class Outside:
    """Answers connections; one too many is closed without a word."""

    def __init__(self) -> None:
        self._connections: Counter[str] = Counter()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        caller = seen_address(str(writer.get_extra_info("peername")[0]))
        room = self._connections.total() < CONNECTIONS and self._connections[caller] < OF_ONE
        self._connections[caller] += 1
        try:
            if room:
                await asyncio.wait_for(self._answer(caller, reader, writer), PATIENCE)
        except (TimeoutError, OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # whoever asks like that gets no answer
        finally:
            self._connections -= Counter([caller])
            writer.close()

    async def _answer(self, caller: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, target, _version = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        status, answer = await self._about(caller, method, target)
        body = json.dumps(answer).encode() + b"\n"
        writer.write(
            f"HTTP/1.0 {status} {HTTPStatus(status).phrase}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n".encode()
        )
        writer.write(b"" if method == "HEAD" else body)
        await writer.drain()

    async def _about(self, caller: str, method: str, target: str) -> tuple[int, dict[str, object]]:
        if method not in ("GET", "HEAD"):
            return 405, {"error": "only GET"}
        match = PATH.fullmatch(target.partition("?")[0])
        if match is None:
            return 404, {"error": "ask for /NONCE or /NONCE/PORT"}
        nonce, port = match["nonce"] or "", int(match["port"] or 0)
        answer: dict[str, object] = {"address": caller, "nonce": nonce}
        if port:
            answer["reached"] = bool(nonce) and nonce in await page_of(caller, port)
        return 200, answer


def seen_address(peer: str) -> str:
    """The address in the form in which it is compared: an IPv4-mapped one as IPv4, and without a zone."""
    address = ipaddress.ip_address(peer.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


async def page_of(address: str, port: int) -> str:
    """The first bytes from the program that listens there; empty if none come within BACK seconds."""
    if not LEAST_PORT <= port <= MOST_PORT:
        return ""
    writer: asyncio.StreamWriter | None = None
    page = b""
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(BACK):
            reader, writer = await asyncio.open_connection(address, port)
            writer.write(b"GET / HTTP/1.0\r\n\r\n")
            while len(page) < PAGE and (part := await reader.read(PAGE)):
                page += part
    if writer is not None:
        writer.close()
    return page.decode("latin-1")


async def serve(addresses: Sequence[str], port: int, ready: Callable[[], None]) -> None:
    """Serve on these addresses until cancelled; `ready` is called once. Raises OSError where it cannot listen on one of
    them.
    """
    outside, servers = Outside(), []
    try:
        for address in addresses:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            try:
                listening = socket.create_server((address, port), family=family, backlog=BACKLOG)
            except OSError as error:
                if error.errno != errno.EAFNOSUPPORT or len(addresses) == 1:  # a machine may have no IPv6
                    raise
                continue
            servers.append(await asyncio.start_server(outside.handle, sock=listening, limit=HEAD))
        ready()
        await asyncio.get_running_loop().create_future()
    finally:
        for server in servers:
            server.close()


def answers(url: str, nonce: str, seconds: float) -> bool:
    """Whether that place answers this machine, as it should."""
    transport = Transport(True, None, Contact())
    try:
        answer = transport.exchange("GET", f"{url}{nonce}", {}, None, seconds).json
    except (requests.RequestException, GatewayAnswer, ValueError):
        return False
    finally:
        transport.close()
    return isinstance(answer, dict) and answer.get("nonce") == nonce
