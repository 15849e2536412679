"""A server on loopback, in this process, for as long as a test needs it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import HTTPServer

POLL = 0.01  # seconds until the server notices that it is to end


@contextmanager
def answering(server: HTTPServer) -> Iterator[str]:
    """Let the server answer until the end of the block; its URL, without a path."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": POLL})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
