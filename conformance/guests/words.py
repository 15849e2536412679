"""What a guest has said, as data: its link, addresses and routers, and the results of all that it tried."""

import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

MOST_LINES = 2000
STATUS = ("HTTP/1", "ERROR 4", "ERROR 5", "error: 4", "error: 5")  # in messages of wget, busybox's wget and curl
MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")


@dataclass
class Words:
    """`addresses` are with their prefix lengths, `routers` those of its default routes, `neighbours` the MAC address of
    each of these routers, empty where it did not answer.

    `answers` are by name of the request (outside4, back4, metadata): (whether it was answered, the answer or the
    error). `peers` are the addresses of servers of the same request that it has met, with their MAC addresses;
    `reached` and `heard` are by target address: who answered there ("NONCE MAC", or empty), and which MAC address on
    the guest's own link claims it (or empty). `pings` are the sizes in bytes of echoes that came back from its
    router. `dhcpv6` is the guest's DHCPv6 client, or empty. `deaf` is the reason why the guest cannot be called,
    empty where it can.
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
        """The words in the lines that `guest.sh` prints, each with one fact; invalid lines are left out."""
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
        """The words in plain data, which fits the schema guest-record."""
        answers = {name: (ok, text) for name, (ok, text) in plain["answers"].items()}
        return cls(**{**plain, "answers": answers})

    def answered_with_an_error(self, name: str) -> bool:
        """Whether the request was answered with an error status, going by the message of the guest's client."""
        answered, text = self.answers.get(name, (True, ""))
        return not answered and any(sign in text for sign in STATUS)

    def json_of(self, name: str) -> Any:
        """The JSON of an answer, {} where there was none or it is no JSON object."""
        answered, text = self.answers.get(name, (False, ""))
        try:
            value = json.loads(text) if answered else {}
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}


def _ignore(_words: Words, _value: str) -> None:
    pass


def normal_address(text: str) -> str:
    """The IP address in its canonical form, without a zone. Raises ValueError for a text that is no IP address."""
    return str(ipaddress.ip_address(text.partition("%")[0]))


def _mac(text: str) -> str:
    if text and not MAC.fullmatch(text):
        raise ValueError(text)
    return text


def _try(words: Words, value: str) -> None:
    name, outcome, *rest = value.split(" ", 2)
    words.answers[name] = (outcome == "ok", rest[0] if rest else "")


def _mac_of_address(field_name: str) -> "Reader":
    """Reads "ADDRESS MAC" into that field."""

    def read(words: Words, value: str) -> None:
        address, _, mac = value.partition(" ")
        getattr(words, field_name)[normal_address(address)] = _mac(mac)

    return read


def _reach(words: Words, value: str) -> None:
    address, _, page = value.partition(" ")
    words.reached[normal_address(address)] = "" if page == "no" else page


Reader = Callable[[Words, str], None]
READERS: Mapping[str, Reader] = {
    "mac": lambda words, value: words.macs.append(_mac(value)),
    "mtu": lambda words, value: words.mtus.append(int(value)),
    "address": lambda words, value: words.addresses.append(str(ipaddress.ip_interface(value))),
    "router": lambda words, value: words.routers.append(normal_address(value)),
    "neighbour": _mac_of_address("neighbours"),
    "try": _try,
    "peer": _mac_of_address("peers"),
    "reach": _reach,
    "heard": _mac_of_address("heard"),
    "ping": lambda words, value: words.pings.append(int(value)),
    "dhcpv6": lambda words, value: setattr(words, "dhcpv6", value),
    "deaf": lambda words, value: setattr(words, "deaf", value),
}
