"""The plane's event loop, in one thread: small HTTP services, and the consoles of guests."""

import asyncio
import inspect
import logging
import socket
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from http import HTTPStatus
from typing import Any

LOG = logging.getLogger(__name__)
PATIENCE = 5.0  # seconds for a request and its answer
HEAD = 8192  # bytes of a request that are read
CONNECTIONS = 512  # at once, of one service, and of one caller; more are refused
OF_ONE = 16
Answer = tuple[int, bytes]  # status and body
Service = Callable[[str, str], Answer | Awaitable[Answer]]  # of the caller's address and the path


class Events:
    """A thread that runs an event loop; its methods are called from other threads."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True, name="events").start()

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        asyncio.run_coroutine_threadsafe(work, self.loop)

    def serve(self, listening: socket.socket, service: Service) -> Callable[[], None]:
        """Answer GET requests on that socket by `service`, until the function that is returned is called."""
        server = HttpServer(service)
        started = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(server.handle, sock=listening, limit=HEAD), self.loop
        )
        running = started.result(PATIENCE)

        def end() -> None:
            self.loop.call_soon_threadsafe(running.close)

        return end


class HttpServer:
    """As little of HTTP as a guest's client needs: a request, an answer, and the end of the connection."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.connections: Counter[str] = Counter()  # by caller

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        caller = str(writer.get_extra_info("peername")[0])
        room = self.connections.total() < CONNECTIONS and self.connections[caller] < OF_ONE
        self.connections[caller] += 1
        try:
            if room:
                await asyncio.wait_for(self._answer(caller, reader, writer), PATIENCE)
        except (TimeoutError, OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # whoever asks like that gets no answer
        finally:
            self.connections -= Counter([caller])
            writer.close()

    async def _answer(self, caller: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, target, _version = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        answer = self.service(caller, target) if method in ("GET", "HEAD") else (405, b"only GET\n")
        status, body = await answer if inspect.isawaitable(answer) else answer
        writer.write(
            f"HTTP/1.0 {status} {HTTPStatus(status).phrase}\r\nContent-Length: {len(body)}\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        writer.write(b"" if method == "HEAD" else body)
        await writer.drain()
