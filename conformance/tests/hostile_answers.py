"""Answers that no service should give, as bytes, and a proxy that gives one of them in place of a cloud's own."""

import json
import socket
import struct
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import chain, repeat
from urllib.parse import urlsplit

MOST = 64 * 1024 * 1024  # bytes of an endless answer, more than any client should read
DRIP = 0.05  # seconds between two bytes of an answer that drips
LONGEST = 30.0  # seconds that an answer takes at most, longer than any deadline given

Pieces = Iterator[bytes | float]  # bytes to send, or seconds of silence


def head(status: str = "200 OK", *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode("latin-1")


def whole(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    kind = () if any(header.startswith("Content-Type") for header in headers) else ("Content-Type: application/json",)
    return head(status, *kind, f"Content-Length: {len(body)}", *headers) + body


def endless(start: bytes, piece: bytes) -> Callable[[], Pieces]:
    return lambda: chain([start], repeat(piece, MOST // len(piece)))


def dripping(start: bytes, piece: bytes = b"x") -> Callable[[], Pieces]:
    return lambda: chain([start], chain.from_iterable(repeat((piece, DRIP), int(LONGEST / DRIP))))


def packed(size: int) -> bytes:
    """`size` MiB of white space, compressed by gzip."""
    packing = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return b"".join(packing.compress(b" " * 1024 * 1024) for _ in range(size)) + packing.flush()


KEYS = ("servers", "networks", "routers", "ports", "extensions", "images", "flavors", "token", "version", "versions")
DEEP = 100_000
RESET = b"reset"  # in place of bytes: the connection is reset
BODIES: dict[str, bytes] = {
    "deep lists": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "lists left open": b"[" * DEEP,
    "too many values": b"[" + b"0," * 1_500_000 + b"0]",
    "a number of many digits": b'{"servers": ' + b"9" * 100_000 + b"}",
    "numbers that are none": b'{"servers": [NaN, Infinity, -Infinity]}',
    "half characters": b'{"servers": [{"id": "\\ud800"}], "networks": [{"id": "\\udfff", "name": "\\ud800"}]}',
    "escape sequences": b'{"error": {"message": "\\u001b[2J\\u0007\\u009b31m"}, "servers": "\\u0000"}',
    "a mark of byte order": b'\xef\xbb\xbf{"servers": []}',
    "UTF-16": '{"servers": []}'.encode("utf-16"),
    "no UTF-8": b'{"servers": "\xff\xfe\xc0\x80"}',
    "one name twice": b'{"servers": [], "servers": {}, "networks": [], "networks": 1}',
    "nothing": b"",
    "white space": b" \t\r\n" * 1000,
    "null": b"null",
    "truth": b"true",
    "a text": b'"servers"',
    "a list": b'[{"id": "a"}]',
    "texts for lists": json.dumps(dict.fromkeys(KEYS, "a")).encode(),
    "numbers for objects": json.dumps({key: [1, None] for key in KEYS}).encode(),
    "objects for texts": json.dumps({key: [{"id": {"a": 1}, "name": []}] for key in KEYS}).encode(),
    "a page": b"<html><body><h1>It works!</h1></body></html>",
    "XML": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    "a long text": b'{"servers": "' + b"a" * (17 * 1024 * 1024) + b'"}',
}
STATUSES = {
    "no number": "abc OK",
    "a large number": "99999 What",
    "a negative number": "-200 OK",
    "a number below 100": "99 Low",
    "nothing there": "204 No Content",
    "not modified": "304 Not Modified",
    "a teapot": "418 I'm a teapot",
    "unauthorized": "401 Unauthorized",
    "gateway": "502 Bad Gateway",
    "gone": "410 Gone",
}
HEADERS = {
    "a redirect in a circle": ("302 Found", "Location: /network/v2.0/networks"),
    "a redirect to a file": ("302 Found", "Location: file:///etc/passwd"),
    "a redirect to nowhere": ("302 Found", "Location: http://nowhere.invalid:1/"),
    "a redirect that is none": ("301 Moved", "Location: http://[::1"),
    "later, in years": ("429 Too Many Requests", "Retry-After: 999999999"),
    "later, on no day": ("503 Service Unavailable", "Retry-After: Mon, 99 Xyz 99999 99:99:99 GMT"),
    "later, before": ("429 Too Many Requests", "Retry-After: -1"),
    "later, now": ("429 Too Many Requests", "Retry-After: 0"),
    "two lengths": ("200 OK", "Content-Length: 1"),
    "no kind": ("200 OK", "Content-Type:"),
    "an unknown charset": ("200 OK", "Content-Type: application/json; charset=nonsense"),
    "many cookies": ("200 OK", *(f"Set-Cookie: a{number}=b" for number in range(90))),
    "too many headers": ("200 OK", *(f"X-{number}: a" for number in range(5000))),
    "a long header": ("200 OK", f"X-A: {'a' * 1_000_000}"),
    "a header without a name": ("200 OK", ": a", "no colon"),
    "an unknown encoding": ("200 OK", "Content-Encoding: br"),
    "gzip that is none": ("200 OK", "Content-Encoding: gzip"),
}
CHUNKED = "Transfer-Encoding: chunked"
RAW: dict[str, Callable[[], Pieces]] = {
    "no answer": lambda: iter([LONGEST]),
    "closed": lambda: iter([]),
    "reset": lambda: iter([RESET]),
    "no HTTP": lambda: iter([b"SSH-2.0-OpenSSH_9.2\r\n"]),
    "another HTTP": lambda: iter([b"HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n"]),
    "half a head": lambda: iter([b"HTTP/1.1 200 OK\r\nContent-Le", LONGEST]),
    "a head that drips": dripping(b"HTTP/1.1 200 OK\r\nX-A: "),
    "a head without an end": endless(b"HTTP/1.1 200 OK\r\n", b"X-A: a\r\n" * 4096),
    "interim answers without an end": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1024),
    "a body that drips": dripping(head("200 OK", "Content-Length: 1000000")),
    "a body without an end": endless(head("200 OK", "Connection: close"), b" " * 65536),
    "less than its length": lambda: iter([head("200 OK", "Content-Length: 99") + b"{"]),
    "a length that is none": lambda: iter([head("200 OK", "Content-Length: many") + b"{}"]),
    "a length below 0": lambda: iter([head("200 OK", "Content-Length: -1") + b"{}"]),
    "a length beyond all": lambda: iter([head("200 OK", f"Content-Length: {10**30}") + b"{}"]),
    "a chunk's size that is none": lambda: iter([head("200 OK", CHUNKED) + b"zz\r\n{}\r\n0\r\n\r\n"]),
    "a chunk beyond all": lambda: iter([head("200 OK", CHUNKED) + b"f" * 16 + b"\r\n{}"]),
    "chunks without an end": endless(head("200 OK", CHUNKED), b"1\r\n \r\n" * 4096),
    "chunks that are cut off": lambda: iter([head("200 OK", CHUNKED) + b"2\r\n{}\r\n"]),
    "a chunk below 0": lambda: iter([head("200 OK", CHUNKED) + b"-1\r\n{}\r\n0\r\n\r\n"]),
    "more when unpacked": lambda: iter([whole(packed(256), "200 OK", "Content-Encoding: gzip")]),
}


def _table() -> Mapping[str, Callable[[], Pieces]]:
    bodies = {f"body: {name}": whole(body) for name, body in BODIES.items()}
    statuses = {f"status: {name}": whole(b"{}", status) for name, status in STATUSES.items()}
    headers = {f"header: {name}": whole(b"{}", *lines) for name, lines in HEADERS.items()}
    fixed = {**bodies, **statuses, **headers}
    return {name: (lambda answer=answer: iter([answer])) for name, answer in fixed.items()} | RAW


ANSWERS = _table()  # name -> the pieces of the answer


class HostileProxy:
    """Stands before a cloud, at `url`; where `hits` holds (of method and path) it answers itself, by one of ANSWERS."""

    def __init__(self, cloud_url: str, answer: str, hits: Callable[[str, str], bool]) -> None:
        self._cloud = urlsplit(cloud_url)
        self._answer = ANSWERS[answer]
        self._hits = hits
        self._ended = threading.Event()
        self.hit = 0
        self.url = ""

    @contextmanager
    def serving(self) -> Iterator["HostileProxy"]:
        with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
            self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            threading.Thread(target=self._accept, args=(listening,), daemon=True).start()
            try:
                yield self
            finally:
                self._ended.set()
                listening.shutdown(socket.SHUT_RDWR)

    def _accept(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                line, _ = listening.accept()
                threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        """One request, and its answer."""
        with line, suppress(OSError, ValueError):
            received = b""
            while b"\r\n\r\n" not in received:
                received += self._more(line)
            first, _, rest = received.partition(b"\r\n\r\n")
            lines = first.decode("latin-1").split("\r\n")
            length = next((int(item.split(":")[1]) for item in lines if item.lower().startswith("content-length:")), 0)
            while len(rest) < length:
                rest += self._more(line)
            method, path, _ = lines[0].split(" ")
            if self._hits(method, path):
                self.hit += 1
                self._send(line)
            else:
                self._forward(line, lines, rest)

    @staticmethod
    def _more(line: socket.socket) -> bytes:
        content = line.recv(65536)
        if not content:
            raise ConnectionError
        return content

    def _send(self, line: socket.socket) -> None:
        for piece in self._answer():
            if self._ended.is_set():
                return
            if isinstance(piece, float):
                self._ended.wait(piece)
            elif piece is RESET:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                line.sendall(piece)

    def _forward(self, line: socket.socket, lines: list[str], body: bytes) -> None:
        """As a proxy does, with a connection for each request."""
        headers = [item for item in lines if not item.lower().startswith("connection:")]
        with socket.create_connection((self._cloud.hostname, self._cloud.port)) as cloud:
            cloud.sendall("\r\n".join([*headers, "Connection: close", "", ""]).encode("latin-1") + body)
            while content := cloud.recv(65536):
                line.sendall(content.replace(f":{self._cloud.port}".encode(), f":{urlsplit(self.url).port}".encode()))
