"""Compare a value that is shown with the value that was sent: services write some values in another form.

Each function is called as `same(shown, expected)`. For a value of another kind it may raise TypeError, ValueError,
KeyError or AttributeError, which count as False.
"""

import time
from datetime import UTC, datetime
from ipaddress import collapse_addresses, ip_address, ip_network
from typing import Any

CLOCKS = 300.0  # seconds that the clocks of a cloud and of its user may differ, as Kerberos has it
HOSTS = 60.0  # seconds: how far the clocks of a cloud's hosts, or two records of one event, may be apart
TRUE, FALSE = ("true", "t", "yes", "1"), ("false", "f", "no", "0")


def texts(shown: Any, expected: Any) -> bool:
    """Numbers may come as texts."""
    return str(shown) == str(expected)


def truths(shown: Any, expected: Any) -> bool:
    """A truth value may be sent as a word or a number."""
    return isinstance(shown, bool) and str(expected).lower() in (TRUE if shown else FALSE)


def macs(shown: Any, expected: Any) -> bool:
    return str(shown).lower() == str(expected).lower().replace("-", ":")


def addresses(shown: Any, expected: Any) -> bool:
    return shown is expected if expected is None else ip_address(shown) == ip_address(expected)


def prefixes(shown: Any, expected: Any) -> bool:
    return ip_network(shown) == ip_network(expected, strict=False)


def lists_of_prefixes(shown: Any, expected: Any) -> bool:
    """Adjacent prefixes may be written as one."""
    both = ([ip_network(prefix, strict=False) for prefix in prefixes] for prefixes in (shown, expected))
    one, other = (list(collapse_addresses(networks)) for networks in both)  # type: ignore[type-var]
    return one == other


def unordered(shown: Any, expected: Any) -> bool:
    return sorted(map(repr, shown)) == sorted(map(repr, expected))


def ends(shown: Any, expected: Any) -> bool:
    """What was sent may be a URL that ends in the id that is shown."""
    return str(expected).rpartition("/")[2] == str(shown)


def at_least(shown: Any, expected: Any) -> bool:
    """Whether a list holds all that are expected, and maybe more."""
    return set(expected) <= set(shown)


def moment(text: Any) -> float:
    """Seconds since the epoch of a time as the services write it, by default in UTC. Raises ValueError."""
    parsed = datetime.fromisoformat(str(text))
    return parsed.replace(tzinfo=parsed.tzinfo or UTC).timestamp()


def about_then(shown: Any, expected: float) -> bool:
    """Whether a time is that of the user's clock, give or take CLOCKS."""
    return abs(moment(shown) - expected) <= CLOCKS


def then_or_since(shown: Any, expected: float) -> bool:
    """Whether a time lies between that of the user's clock and now: an accepted request may be carried out later."""
    return expected - CLOCKS <= moment(shown) <= time.time() + CLOCKS


def not_before(shown: Any, expected: Any) -> bool:
    """Whether one time of the cloud is not before another."""
    return moment(shown) >= moment(expected) - HOSTS


def addresses_or_none(shown: Any, expected: Any) -> bool:
    """No address may be null or an empty text."""
    return shown == expected if not (shown and expected) else addresses(shown, expected)
