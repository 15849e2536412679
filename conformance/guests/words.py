"""What a guest has said, as data: its link, addresses and routers, and what came of all that it tried."""

import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

MOST_LINES = 2000
MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")


@dataclass
class Words:
    """`addresses` are with their prefix lengths, `routers` those of its default routes, `neighbours` the MAC addresses
    of those routers that have answered (router -> MAC, empty for none).

    `answers` is what came of the requests by name (outside4, back4, metadata): (it was answered, by what or why not).
    `peers` are the addresses of servers of the same request that it has met, with their MAC addresses; `reached` and
    `heard` the addresses it was told to try: who answered there ("NONCE MAC", or empty), and which MAC address on its
    own link claims it (empty for none). `pings` are the sizes of echoes that came back from its router.
    """

    macs: list[str] = field(default_factory=list)
    mtus: list[int] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    routers: list[str] = field(default_factory=list)
    neighbours: dict[str, str] = field(default_factory=dict)
    answers: dict[str, tuple[bool, str]] = field(default_factory=dict)
    peers: dict[str, str] = field(default_factory=dict)
    reached: dict[str, str] = field(default_factory=dict)
    heard: dict[str, str] = field(default_factory=dict)
    pings: list[int] = field(default_factory=list)
    dhcpv6: str = ""
    deaf: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Of the facts as the script writes them, a line each; lines that make no sense are left out."""
        words = cls()
        for line in text.splitlines()[:MOST_LINES]:
            name, _, value = line.strip().partition(" ")
            try:
                READERS.get(name, _ignore)(words, value.strip())
            except ValueError:
                continue
        return words

    def to_plain(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """Raises TypeError or ValueError for what is none."""
        answers = {str(name): (bool(ok), str(text)) for name, (ok, text) in dict(plain["answers"]).items()}
        return cls(**{**plain, "answers": answers})

    def answer(self, name: str) -> Any:
        """The JSON of an answer, {} where there was none or it is no JSON object."""
        answered, text = self.answers.get(name, (False, ""))
        try:
            value = json.loads(text) if answered else {}
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}


def _ignore(_words: Words, _value: str) -> None:
    pass


def _address(text: str) -> str:
    return str(ipaddress.ip_address(text.partition("%")[0]))


def _mac(text: str) -> str:
    if text and not MAC.fullmatch(text):
        raise ValueError(text)
    return text


def _try(words: Words, value: str) -> None:
    name, outcome, *rest = value.split(" ", 2)
    words.answers[name] = (outcome == "ok", rest[0] if rest else "")


def _neighbour(words: Words, value: str) -> None:
    address, _, mac = value.partition(" ")
    words.neighbours[_address(address)] = _mac(mac)


def _peer(words: Words, value: str) -> None:
    address, _, mac = value.partition(" ")
    words.peers[_address(address)] = _mac(mac)


def _reach(words: Words, value: str) -> None:
    address, _, page = value.partition(" ")
    words.reached[_address(address)] = "" if page == "no" else page


def _heard(words: Words, value: str) -> None:
    address, _, mac = value.partition(" ")
    words.heard[_address(address)] = _mac(mac)


def _dhcpv6(words: Words, value: str) -> None:
    words.dhcpv6 = value


def _deaf(words: Words, value: str) -> None:
    words.deaf = value


READERS: Mapping[str, Callable[[Words, str], None]] = {
    "mac": lambda words, value: words.macs.append(_mac(value)),
    "mtu": lambda words, value: words.mtus.append(int(value)),
    "address": lambda words, value: words.addresses.append(str(ipaddress.ip_interface(value))),
    "router": lambda words, value: words.routers.append(_address(value)),
    "neighbour": _neighbour,
    "try": _try,
    "peer": _peer,
    "reach": _reach,
    "heard": _heard,
    "ping": lambda words, value: words.pings.append(int(value)),
    "dhcpv6": _dhcpv6,
    "deaf": _deaf,
}
