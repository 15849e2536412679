"""How much of a request has arrived on a connection, going by its bytes alone. Whether it is valid is judged elsewhere.

It reads only the end of the head, the framing of the body and, for a body in chunks, the sizes of the chunks.
"""

import re
from enum import Enum, auto

from reference.wsgi.bodies import LONGEST

LONGEST_HEAD = 64 * 1024  # bytes
LONGEST_LINE = 1024  # bytes of a line that gives a chunk's size
_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,18})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r\n]*chunked", re.IGNORECASE)
_EXPECTS = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE)
_SIZE = re.compile(rb"([0-9a-fA-F]{1,16})[ \t]*(?:;[^\r\n]*)?")


class Stage(Enum):
    """How far a request has arrived; the stages from WHOLE on are final."""

    HEAD = auto()
    BODY = auto()
    WHOLE = auto()
    HEAD_TOO_LONG = auto()
    BODY_TOO_LONG = auto()
    MALFORMED = auto()


class Arrival:
    """The bytes of a connection from the start of a request on, and the stage it has reached."""

    def __init__(self, content: bytes = b"") -> None:
        self.content = bytearray()
        self.stage = Stage.HEAD
        self.expects_continue = False
        self._body = 0  # where the body starts
        self._end: int | None = None  # where a body with a length ends
        self._next = 0  # where the size of the next chunk stands
        self._size = 0  # of all chunks so far
        if content:
            self.add(content)

    @property
    def is_over(self) -> bool:
        """Whether there is nothing more to wait for."""
        return self.stage not in (Stage.HEAD, Stage.BODY)

    def add(self, content: bytes) -> None:
        """Take note of what has arrived; past the end it belongs to the next request."""
        searched = max(0, len(self.content) - len(_END))
        self.content += content
        if self.stage is Stage.HEAD:
            self._read_head(searched)
        if self.stage is Stage.BODY:
            self.stage = self._chunks() if self._end is None else self._counted(self._end)

    def _read_head(self, searched: int) -> None:
        end = self.content.find(_END, searched)
        if end < 0:
            self.stage = Stage.HEAD_TOO_LONG if len(self.content) > LONGEST_HEAD else Stage.HEAD
            return
        self._body = self._next = end + len(_END)
        head = bytes(self.content[: end + 2])
        length = _LENGTH.search(head)
        if _CHUNKED.search(head) is None:
            size = int(length[1]) if length else 0
            self._end = self._body + size
            self.stage = Stage.BODY_TOO_LONG if size > LONGEST else Stage.BODY
        else:
            self.stage = Stage.BODY
        self.expects_continue = _EXPECTS.search(head) is not None

    def _counted(self, end: int) -> Stage:
        return Stage.WHOLE if len(self.content) >= end else Stage.BODY

    def _chunks(self) -> Stage:
        """The stage after all chunks whose sizes have arrived."""
        while (end := self.content.find(b"\r\n", self._next, self._next + LONGEST_LINE)) >= 0:
            size = _SIZE.fullmatch(self.content, self._next, end)
            if size is None:
                return Stage.MALFORMED
            length = int(size[1], 16)
            if not length:
                return self._trailers(end)
            self._size += length
            if self._size > LONGEST:
                return Stage.BODY_TOO_LONG
            after = end + 2 + length
            if len(self.content) < after + 2:
                self._size -= length  # read again with the next bytes
                return Stage.BODY
            if self.content[after : after + 2] != b"\r\n":
                return Stage.MALFORMED
            self._next = after + 2
        return Stage.MALFORMED if len(self.content) - self._next >= LONGEST_LINE else Stage.BODY

    def _trailers(self, last: int) -> Stage:
        """The stage after the last chunk, whose size ends there: trailers, or none, and an empty line."""
        if self.content[last : last + len(_END)] == _END or self.content.find(_END, last + 2) >= 0:
            return Stage.WHOLE
        return Stage.MALFORMED if len(self.content) - last > LONGEST_HEAD else Stage.BODY
