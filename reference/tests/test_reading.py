"""JSON that is none, or that no database could keep, is refused in the API's own words."""

import pytest

from reference.tests.clouds import Cloud
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


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("0", 0), ("007", 7), ("0" * 5000, 0)),
        *((text, reading.MOST) for text in ("2147483647", "2147483648", "9" * 5000)),
        *((text, None) for text in ("", "-1", "1.0", "\u00b2", "\u0661", "1\n")),
    ],
)
def test_whole_numbers(text: str, number: int | None) -> None:
    assert reading.whole(text) == number


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/network/v2.0/ports?limit=9223372036854775807", 200),
        (f"/network/v2.0/ports?limit={'1' * 3000}", 200),
        ("/network/v2.0/ports?limit=%C2%B2", 400),
        ("/network/v2.0/networks?mtu=9223372036854775808", 400),
        (f"/network/v2.0/networks?mtu={'1' * 3000}", 400),
        (f"/compute/v2.1/servers?limit={'1' * 3000}", 200),
        (f"/compute/v2.1/flavors?minRam={'9' * 40}", 200),
    ],
    ids=lambda value: str(value)[:48],
)
def test_numbers_no_column_holds(cloud: Cloud, path: str, status: int) -> None:
    assert cloud.demo("GET", path).status_code == status


def test_a_version_of_many_digits_is_out_of_range(cloud: Cloud) -> None:
    headers = {"OpenStack-API-Version": f"compute 2.{'1' * 5000}"}
    assert cloud.demo("GET", "/compute/v2.1/servers", headers=headers).status_code == 406
