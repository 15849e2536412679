"""Passwords as salted digests: scrypt, its cost beside it, compared in constant time."""

import hashlib
import hmac
import secrets

_COST, _BLOCK, _LANES = 2**12, 8, 1


def digest(password: str) -> str:
    """A text to store: cost, salt and digest, separated by `$`."""
    salt = secrets.token_hex(16)
    return f"{_COST}${salt}${_scrypt(password, salt, _COST)}"


def matches(password: str, stored: str | None) -> bool:
    """True where `stored` came from `password`; a user without a password matches none, in the same time."""
    cost, salt, wanted = (stored or f"{_COST}$none$none").split("$")
    return hmac.compare_digest(_scrypt(password, salt, int(cost)), wanted)


def _scrypt(password: str, salt: str, cost: int) -> str:
    return hashlib.scrypt(password.encode(), salt=salt.encode(), n=cost, r=_BLOCK, p=_LANES).hex()


def fingerprint(token: str) -> str:
    """What is kept of a token: it is random and long, so that a fast digest does."""
    return hashlib.sha256(token.encode()).hexdigest()
