"""Checks of addresses and prefixes in requests, as `validators` has them for other values."""

import ipaddress
import re
from typing import Any

from reference.network.rest.validators import NotConvertible, takes

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_MAC = re.compile(r"[0-9a-f]{2}(?:([:-]?)[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}")
_NO_MACS = ("00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff")  # the null address and the broadcast address


@takes(type="string", anyOf=[{"format": "ipv4"}, {"format": "ipv6"}])
def ip_address(value: Any) -> str:
    """An address in the canonical form. A zone of IPv6 is no part of it: it has meaning on one host alone."""
    try:
        address = ipaddress.ip_address(value if isinstance(value, str) and "%" not in value else "")
    except ValueError:
        raise ValueError(f"'{value}' is not a valid IP address.") from None
    return str(address)


@takes(type="string", format="cidr")
def cidr(value: Any) -> str:
    """A prefix with its host bits cleared, in the canonical form; IPv4 has one spelling only, without a netmask."""
    try:
        interface = ipaddress.ip_interface(value if isinstance(value, str) and "%" not in value else "")
    except ValueError:
        raise ValueError(f"'{value}' is not a valid IP subnet.") from None
    if "/" not in value or (interface.version == 4 and str(interface) != value):
        raise ValueError(f"'{value}' isn't a recognized IP subnet cidr, '{interface}' is recommended.")
    return str(interface.network)


@takes(type="string", format="cidr")
def any_cidr(value: Any) -> str:
    """A prefix with its host bits cleared, in any spelling: with a netmask, or an address as the prefix of it alone."""
    try:
        return str(ipaddress.ip_interface(value if isinstance(value, str) and "%" not in value else "").network)
    except ValueError:
        raise NotConvertible(f"{value} is not in a CIDR format.") from None


@takes(type="string", format="cidr")
def exact_cidr(value: Any) -> str:
    """A prefix without host bits, in the canonical form."""
    prefix = cidr(value)
    if ipaddress.ip_interface(value) != ipaddress.ip_interface(prefix):
        raise ValueError(f"'{value}' is not a valid CIDR.")
    return prefix


@takes(type="string", pattern="^([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$")
def mac_address(value: Any) -> str:
    """A MAC address in small letters with colons; it may have come with dashes, or with nothing between its parts."""
    digits = re.sub("[:-]", "", value.lower()) if isinstance(value, str) and _MAC.fullmatch(value.lower()) else ""
    address = ":".join(digits[place : place + 2] for place in range(0, len(digits), 2))
    if not address or address in _NO_MACS:
        raise ValueError(f"'{value}' is not a valid MAC address.")
    return address
