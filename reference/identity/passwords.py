"""Passwords as salted digests: scrypt, its cost beside it, compared in constant time."""

import hashlib
import hmac
import secrets

_COST, _BLOCK, _LANES = 2**12, 8, 1


def digest(password: str) -> str:
    """The password's digest for storage: cost, salt and digest in hex, separated by `$`."""
    salt = secrets.token_hex(16)
    return f"{_COST}${salt}${_scrypt(password, salt, _COST)}"


def matches(password: str, stored: str | None) -> bool:
    """Whether `stored` is the digest of `password`; None matches no password, and takes the same time."""
    cost, salt, expected = (stored or f"{_COST}$none$none").split("$")
    return hmac.compare_digest(_scrypt(password, salt, int(cost)), expected)


def _scrypt(password: str, salt: str, cost: int) -> str:
    """The digest in hex; `cost` is scrypt's N."""
    return hashlib.scrypt(password.encode(), salt=salt.encode(), n=cost, r=_BLOCK, p=_LANES).hex()


def fingerprint(token: str) -> str:
    """The digest of a token for storage, in hex: tokens are long and random, so that a fast digest is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
