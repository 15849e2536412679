"""Ids that grow with time, so that rows of one moment are neighbours in an index: a commit then writes fewer pages."""

import secrets
import time
import uuid

_RANDOM = 62  # random bits in the low half of an id; 12 more are in the high half


def new_id() -> str:
    """A UUID of version 7 (RFC 9562): milliseconds since 1970, then 74 random bits."""
    milliseconds, random_bits = time.time_ns() // 1_000_000, secrets.randbits(12 + _RANDOM)
    low_half = 2 << _RANDOM | random_bits & (1 << _RANDOM) - 1
    return str(uuid.UUID(int=milliseconds << 80 | 7 << 76 | (random_bits >> _RANDOM) << 64 | low_half))
