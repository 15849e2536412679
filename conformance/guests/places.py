"""The option --outside: URLs of `gman outside`, beyond the external network, for guests to call."""

import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from conformance.redact import redact
from conformance.settings import UsageProblem

OPTION = "--outside"


def urls(texts: Iterable[str]) -> tuple[str, ...]:
    """The URLs with their hosts resolved, as a guest may have no resolver: at most one for each IP version, IPv4 first,
    each ending in a slash.

    `texts` are URLs, or several of them with commas. Raises UsageProblem for an invalid URL, or a host without address.
    """
    by_version: dict[int, str] = {}
    for text in ",".join(texts).split(","):
        if not text:
            continue
        host, port, path = _parts(text)
        for address in _addresses(host, port, text):
            version = address.version
            place = f"[{address}]" if version == 6 else str(address)
            by_version.setdefault(version, f"http://{place}{'' if port == 80 else f':{port}'}{path}")
    return tuple(by_version[version] for version in sorted(by_version))


def _parts(text: str) -> tuple[str, int, str]:
    try:
        url = urlsplit(text)
        host, port = url.hostname or "", url.port or 80
    except ValueError:
        host = ""
    if not host or url.scheme != "http" or url.query or url.fragment or url.username:
        raise UsageProblem(f"argument {OPTION}: {redact(text)!r} is not a URL such as http://203.0.113.5:8043/")
    return host, port, f"{url.path.rstrip('/')}/"


def _addresses(host: str, port: int, text: str) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    try:
        entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UsageProblem(f"argument {OPTION}: {text!r}: {host} has no address: {error}") from None
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in entries]
