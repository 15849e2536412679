"""JSON that is none, or that no database could keep, is refused in the API's own words."""

from __future__ import annotations

import pytest

from reference.tests.conftest import Cloud
from reference.wsgi import reading

DEEP = b"[" * reading.DEEPEST + b"]" * reading.DEEPEST


@pytest.mark.parametrize("content", [b'{"a": [1, 2.5, "\xc3\xa4", null, true]}', b'"\\ud83e\\udda5"', DEEP, b"1"])
def test_taken(content: bytes) -> None:
    reading.parse(content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff",
        b'"\\u0000"',
        b'{"a\\u0000": 1}',
        b'"\\ud800"',
        b'{"\\udfff": 1}',
        b"NaN",
        b"[-Infinity]",
        b"1e999",
        b"1" * 5000,
        b"[" + DEEP + b"]",
        b"[" * 100_000,
    ],
    ids=lambda content: repr(content[:12]),
)
def test_refused(cloud: Cloud, content: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        reading.parse(content)
    refused = cloud.demo.network("POST", "/networks", data=content)
    assert (refused.status_code, refused.json()["NeutronError"]["type"]) == (400, "HTTPBadRequest")
    refused = cloud.demo("POST", "/compute/v2.1/servers", data=content)
    assert (refused.status_code, list(refused.json())) == (400, ["badRequest"])
