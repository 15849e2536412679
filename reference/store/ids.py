"""Ids that grow with time, so that rows made together lie together: a commit then writes fewer pages of an index."""

import secrets
import time
import uuid

_RANDOM = 62  # bits of the last part that are random; 12 more stand before it


def new_id() -> str:
    """A UUID of version 7 (RFC 9562): milliseconds since 1970, then 74 random bits."""
    moment, chance = time.time_ns() // 1_000_000, secrets.randbits(12 + _RANDOM)
    last = 2 << _RANDOM | chance & (1 << _RANDOM) - 1
    return str(uuid.UUID(int=moment << 80 | 7 << 76 | (chance >> _RANDOM) << 64 | last))
