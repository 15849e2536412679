"""How much of a request has arrived, byte by byte and at once."""

import pytest

from reference.arrival import LONGEST_HEAD, LONGEST_LINE, Arrival, Stage
from reference.wsgi.bodies import LONGEST

HEAD = b"POST / HTTP/1.1\r\nHost: a\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def of_length(length: int) -> bytes:
    return HEAD + b"Content-Length: %d\r\n\r\n" % length


@pytest.mark.parametrize(
    ("content", "stage"),
    [
        (b"", Stage.HEAD),
        (HEAD, Stage.HEAD),
        (HEAD + b"\r", Stage.HEAD),
        (HEAD + b"\r\n", Stage.WHOLE),
        (HEAD + b"\r\nGET / HTTP/1.1\r\n", Stage.WHOLE),
        (of_length(0), Stage.WHOLE),
        (of_length(3) + b"ab", Stage.BODY),
        (of_length(3) + b"abc", Stage.WHOLE),
        (of_length(3) + b"abcGET", Stage.WHOLE),
        (of_length(LONGEST), Stage.BODY),
        (of_length(LONGEST + 1), Stage.BODY_TOO_LONG),
        (of_length(10**17), Stage.BODY_TOO_LONG),
        (CHUNKED, Stage.BODY),
        (CHUNKED + b"3\r\nab", Stage.BODY),
        (CHUNKED + b"3\r\nabc\r\n0\r\n", Stage.BODY),
        (CHUNKED + b"3\r\nabc\r\n0\r\n\r\n", Stage.WHOLE),
        (CHUNKED + b"0003;name=value\r\nabc\r\n0\r\nTrailer: x\r\n\r\n", Stage.WHOLE),
        (CHUNKED + b"0\r\nTrailer: x\r\n", Stage.BODY),
        (CHUNKED + b"x\r\n", Stage.MALFORMED),
        (CHUNKED + b"-1\r\n", Stage.MALFORMED),
        (CHUNKED + b"\r\n", Stage.MALFORMED),
        (CHUNKED + b"3\r\nabcd\r\n", Stage.MALFORMED),
        (CHUNKED + b"%x\r\n" % (LONGEST + 1), Stage.BODY_TOO_LONG),
        (CHUNKED + b"f" * 16 + b"\r\n", Stage.BODY_TOO_LONG),
        (CHUNKED + b"1" * LONGEST_LINE, Stage.MALFORMED),
        (CHUNKED + b"0\r\n" + b"a: b\r\n" * LONGEST_HEAD, Stage.MALFORMED),
        (CHUNKED + b"1\r\na\r\n" * (LONGEST + 1), Stage.BODY_TOO_LONG),
        (b"a" * (LONGEST_HEAD + 1), Stage.HEAD_TOO_LONG),
    ],
    ids=lambda value: value.name if isinstance(value, Stage) else repr(value[-24:]),
)
def test_stages(content: bytes, stage: Stage) -> None:
    assert Arrival(content).stage is stage
    if len(content) < 1000:
        dripping = Arrival()
        for position in range(len(content)):
            dripping.add(content[position : position + 1])
        assert dripping.stage is stage


def test_an_expected_100_continue_is_noticed() -> None:
    assert Arrival(HEAD + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n").expects_continue
    assert not Arrival(of_length(3)).expects_continue
