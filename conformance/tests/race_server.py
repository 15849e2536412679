"""Small servers that tests of races release calls at."""

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


PATIENCE = 10.0  # seconds that a test waits for an event that is due at once


Talk = Callable[["Server", socket.socket], None]


@dataclass
class Server:
    """Answers each connection by `talk`, in a thread of its own, and keeps what it saw."""

    talk: Talk
    tls: ssl.SSLContext | None = None
    received: list[bytes] = field(default_factory=list)
    at_end: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    port: int = 0

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://localhost:{self.port}/"

    @contextmanager
    def serving(self) -> Iterator["Server"]:
        with socket.create_server(("localhost", 0), backlog=64) as listening:
            self.port = listening.getsockname()[1]
            accepting = threading.Thread(target=self._accept, args=(listening,))
            accepting.start()
            try:
                yield self
            finally:
                listening.shutdown(socket.SHUT_RDWR)
                accepting.join(PATIENCE)

    def _accept(self, listening: socket.socket) -> None:
        talks = []
        while True:
            try:
                sock, _ = listening.accept()
            except OSError:
                break
            talks.append(threading.Thread(target=self._serve, args=(sock,)))
            talks[-1].start()
        for talk in talks:
            talk.join(PATIENCE)

    def _serve(self, sock: socket.socket) -> None:
        sock.settimeout(PATIENCE)
        try:
            with self.tls.wrap_socket(sock, server_side=True) if self.tls else sock as line:
                self.talk(self, line)
        except OSError:
            pass  # the client has gone, as some tests intend

    def head(self, line: socket.socket) -> bytes:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            got = line.recv(1)
            if not got:
                raise ConnectionError
            head += got
        self.received.append(head)
        return head


def answer(server: Server, line: socket.socket) -> None:
    server.head(line)
    line.sendall(OK)


def until_closed(server: Server, line: socket.socket) -> None:
    """Wait for the client to close, and count it."""
    while line.recv(4096):
        pass
    server.at_end.release()


def make_certificate(directory: Path) -> Path:
    """A file with a key and a self-signed certificate for localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = directory / "localhost.pem"
    pem = serialization.Encoding.PEM
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(pem)
    )
    return file
