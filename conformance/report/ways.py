"""For the page of a report: each guest's own view beside that of the APIs, and how far its packets came."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.guests import records
from conformance.guests.checks.addresses import STATEFUL
from conformance.guests.checks.outside import called_back, is_answered, seen_from_outside
from conformance.guests.records import GIVEN, GONE, GuestRecord
from conformance.guests.words import Words

MOST = 60  # guests that a page shows


@dataclass(frozen=True)
class Row:
    """One thing that the APIs show and the guest has; `right` is None where nothing is known of it."""

    what: str
    shown: str
    own: str
    right: bool | None


@dataclass(frozen=True)
class Leg:
    """The way from one stop to the next: `right` says whether packets got there, None where nothing tried it."""

    to: str
    label: str
    right: bool | None


@dataclass(frozen=True)
class Way:
    """A guest's rows and legs; `silence` says why there are none."""

    name: str
    seconds: float
    rows: Sequence[Row] = ()
    legs: Sequence[Leg] = ()
    silence: str = ""

    @property
    def right(self) -> bool:
        """Whether nothing is known to be wrong."""
        results = [*(row.right for row in self.rows), *(leg.right for leg in self.legs)]
        return not self.silence and False not in results


def read_ways(directory: Path, invalid: Callable[[str], None]) -> list[Way]:
    """The ways of a report's guests, the broken ones first. `invalid` is called with a text for each invalid line."""
    guests = records.read(sorted((directory / records.FOLDER).glob("*.ndjson")), invalid)
    ways = [way_of(guest) for guest in guests]
    return sorted(ways, key=lambda way: way.right)[:MOST]


def way_of(guest: GuestRecord) -> Way:
    name = f"{guest.scene}: {guest.role} server {guest.server}"
    if guest.words is None:
        return Way(name, guest.seconds, silence=guest.silence)
    return Way(name, guest.seconds, [*_rows(guest, guest.words)], [*_legs(guest, guest.words)])


def _rows(guest: GuestRecord, words: Words) -> Iterator[Row]:
    for version in (4, 6):
        shown = guest.shown.of(version)
        own = [address for address in words.addresses if (":" in address) is (version == 6)]
        if not shown and not own:
            continue
        ips = {address.partition("/")[0] for address in own}
        is_known = version == 4 or words.dhcpv6 or any(address.mode != STATEFUL for address in shown)
        right = {address.ip for address in shown} <= ips if is_known else None
        yield Row(f"IPv{version} address", _text(shown), _text(own), right)
    gateways = sorted({address.gateway for address in guest.shown.of(4) if address.gateway})
    routers = sorted(router for router in words.routers if ":" not in router)
    if gateways or routers:
        yield Row("default router", _text(gateways), _text(routers), gateways == routers)
    yield Row("mtu", str(guest.shown.mtu), _text(words.mtus), {*words.mtus} == {guest.shown.mtu})
    if guest.outside and guest.shown.of(4):
        expected = guest.shown.floating or (guest.shown.router if guest.shown.snat else ())
        source = seen_from_outside(guest)
        yield Row("seen from outside as", _text(expected), source or "none", _is_expected(source, expected))
    floating = guest.shown.floating
    for place, reached in called_back(guest).items():
        right = reached == bool(floating) if place in floating or not floating else None
        yield Row(f"reached from outside at {place}", _yes(bool(floating)), _yes(reached), right)


def _is_expected(source: str, expected: Sequence[str]) -> bool | None:
    return source in expected if source and expected else None


def _legs(guest: GuestRecord, words: Words) -> Iterator[Leg]:
    """Guest, router, outside: of IPv4, or of IPv6 where the APIs show no other address."""
    version = 4 if guest.shown.of(4) else 6
    routers = [router for router in words.routers if (":" in router) is (version == 6)]
    name = f"outside{version}"
    answered = is_answered(words, name)
    is_heard = any(words.neighbours.get(router) for router in routers) or answered
    yield Leg("router", routers[0] if routers else "no default route", is_heard)
    if source := seen_from_outside(guest, name):
        yield Leg("outside", f"seen as {source}", True)
    elif answered:
        yield Leg("outside", "another answers", None)
    elif guest.outside == GIVEN and name in words.answers:
        yield Leg("outside", "no answer", False)
    else:
        yield Leg("outside", "the outside is gone" if guest.outside == GONE else "not tried", None)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _text(values: Sequence[object]) -> str:
    return ", ".join(map(str, values)) or "none"
