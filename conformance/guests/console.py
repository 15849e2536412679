"""A guest's words, read from a console that may have cut them, mixed them with others' lines, or drowned them in noise.

Each line can be read by itself: `gman NONCE N/M SUM PART`, where SUM is the beginning of the MD5 of `NONCE N/M PART`.
All are said several times; a part counts as soon as one line of it has come through whole.
"""

import hashlib
import re
from base64 import b64decode
from binascii import Error as NoBase64

from conformance.redact import redact
from conformance.untrusted import printable

PART = re.compile(r"gman ([0-9a-f]{16}) (\d{1,3})/(\d{1,3}) ([0-9a-f]{8}) ([A-Za-z0-9+/=]{1,200})")
MOST_READ = 4 * 1024 * 1024  # characters of a console, from its end
TAIL_LINES, TAIL_LENGTH = 8, 600  # what is shown of a console without words of a guest


class ConsoleReader:
    """Collects the parts with the nonce from one look at the console after the other."""

    def __init__(self, nonce: str) -> None:
        self.nonce = nonce
        self._parts: dict[int, dict[int, str]] = {}  # number of parts -> number -> part

    def read(self, output: str) -> str | None:
        """What the guest has said, if all of it has been seen by now, else None."""
        for nonce, number, total, digest, part in PART.findall(output[-MOST_READ:]):
            if nonce == self.nonce and digest == checksum(nonce, number, total, part):
                self._parts.setdefault(int(total), {})[int(number)] = part
        for total, parts in self._parts.items():
            if set(parts) == set(range(1, total + 1)):
                text = _decoded("".join(parts[number] for number in sorted(parts)))
                if text is not None:
                    return text
        return None


def checksum(nonce: str, number: str | int, total: str | int, part: str) -> str:
    return hashlib.md5(f"{nonce} {number}/{total} {part}".encode(), usedforsecurity=False).hexdigest()[:8]


def _decoded(text: str) -> str | None:
    try:
        return b64decode(text, validate=True).decode("utf-8", "replace")
    except NoBase64:
        return None


def tail(output: str, secrets: set[str] | frozenset[str] = frozenset()) -> str:
    """The end of a console, without secrets, in one line, for a guest without words."""
    lines = redact(output[-MOST_READ:], secrets).strip().splitlines()[-TAIL_LINES:]
    return str(printable(" | ".join(line.strip() for line in lines)))[-TAIL_LENGTH:]
