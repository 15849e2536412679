"""Unexpected values, queries, headers and bodies: invalid, too large, or valid and rare."""

from typing import Any


def _nested(levels: int) -> Any:
    return [_nested(levels - 1)] if levels else "deep"


_NUMBERS = (0, -1, 1, 2**31, 2**63, -(2**63) - 1, 10**30, 0.5, 1e308, float("inf"), float("nan"))
_SHORT = (
    "",
    " ",
    "\n",
    "0",
    "-1",
    "1\n",
    "²",
    "\u0661",
    "1e5",
    "0x10",
    "None",
    "null",
    "auto",
    "none",
    "v2.1",
    "(",
    "[a-",
    "*",
)
_LONG = ("1" * 30, "1" * 5000, "x" * 256, "x" * 70000, "äöü" * 90)
_NO_TEXT = ("\0", "a\0b", "\ud800", "\udfff", "\ufeff", "\U0001f9a5")
_CODE = ("'\"; --", "%00", "%s{}", "../..", "(?P<n>", "{12345678123456781234567812345678}")
_NETS = ("0.0.0.0/0", "::/0", "10.0.0.0/33", "::ffff:10.0.0.1", "fe80::1%eth0", "1.2.3", "10.0.0.0/8/8", "fe80::%x/64")
_MOMENTS = ("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-02-30", "urn:uuid:" + "12345678" * 4)
_LISTS: tuple[list[Any], ...] = ([], [[]], [None], [{}], ["x"] * 300, _nested(60), _nested(100), _nested(300))
_OBJECTS: tuple[dict[str, Any], ...] = ({}, {"": ""}, {"id": None}, {"a": {"b": [1]}}, {"\0": "\ud800"})
VALUES = (
    *(None, True, False, *_NUMBERS),
    *(*_SHORT, *_LONG, *_NO_TEXT, *_CODE, *_NETS, *_MOMENTS),
    *(*_LISTS, *_OBJECTS),
)

METHODS = ("FOO", "PATCH", "OPTIONS", "HEAD", "TRACE", "get", "PROPFIND", "PUT", "POST", "DELETE", "GET")
TAILS = (
    "/",
    "//",
    ".json",
    "/..",
    "/%00",
    "/%ff",
    "/%2e%2e/",
    "/x/y",
    "?",
    "%3F",
    "%C3%A4",
    ";a=b",
    "%0A",
    "/" + "x" * 3000,
)

_PAGES = (
    *(("limit", text) for text in ("²", "-1", "", "1" * 3000, "99999999999999999999", "0", "1")),
    *(("page_reverse", text) for text in ("maybe", "true", "")),
    *(("marker", text) for text in ("\0", "x", "")),
    *(("sort_key", text) for text in ("nothing", "id", "name")),
    *(("sort_dir", text) for text in ("up", "asc")),
    *(("fields", text) for text in ("", "id", "dry-run", "nothing")),
)
_FILTERS = (
    *(("name", text) for text in ("\0", "a" * 2000, "(a+)+$", "%")),
    *(("id", text) for text in ("%ED%A0%80", "x", "'")),
    *(("fixed_ips", text) for text in ("ip_address=", "subnet_id=\0", "x", "ip_address=10.1.0.5")),
    *(("changes-since", text) for text in _MOMENTS),
    *(("mtu", text) for text in ("x", "1" * 30, "1" * 3000)),
    ("status", "ACTIVE"),
    ("ip", "("),
    ("minRam", "9" * 40),
    ("minDisk", "1" * 3000),
    ("unknown", "1"),
    ("", ""),
    ("a&b=c", "="),
)
QUERIES = _PAGES + _FILTERS

_VERSION = "OpenStack-API-Version"
HEADERS = (
    *((_VERSION, text) for text in ("compute", "compute ", "compute 2", "compute 3.0", "2.37", "\xff\xfe", "a b,,c")),
    *(
        (_VERSION, f"compute {text}")
        for text in ("2." + "1" * 5000, "2.999", "2.-1", "2\xb7\xb9", "LATEST", "2.1\t", "2.\xb2")
    ),
    *((_VERSION, text) for text in ("compute 2.1, network 1.0, compute 2.90", "COMPUTE 2.37", "compute latest")),
    *(("X-OpenStack-Nova-API-Version", text) for text in ("2.37", "9", "latest", "2.1,2.2", "\xe4")),
    *(("Content-Type", text) for text in ("", "text/xml", "application/json; charset=utf-16", "a/b/c;;=", "\xff")),
    *(("Content-Type", text) for text in ("multipart/form-data", "application/x-www-form-urlencoded")),
    *(("Accept", text) for text in ("text/html", "", "*/*;q=0", "\xff", "application/xml")),
    *(("X-OpenStack-Request-ID", text) for text in ("req-1", "x" * 5000, "\xff")),
    *(("Host", text) for text in ("\xe4", "a:b:c", "")),
    *(("X-Auth-Token", text) for text in ("\xff", "x" * 5000, "a b")),
    *(("X-Subject-Token", text) for text in ("", "\xff", "x" * 5000)),
    ("Content-Encoding", "gzip"),
    ("If-Match", "revision_number=1"),
    ("Range", "bytes=0-1"),
    ("X-Forwarded-For", "\xe4"),
    *(("X-Forwarded-Proto", text) for text in ("https", "ftp")),
    *((name, text) for name in ("SCRIPT_NAME", "PATH_INFO") for text in ("/x", "/network", "")),
    ("X-Http-Method-Override", "DELETE"),
    ("Accept-Encoding", "\xff"),
    ("X-Roles", "admin"),
    ("Cookie", "a=\xff; ;="),
)

_NOT_JSON = (b"", b"{", b"}", b"\xff\xfe", b"NaN", b"\0", b"{}\0", b"name=value", b"<network/>", b" " * 70000)
_NO_OBJECT = (b"null", b"[]", b"1", b'"x"', b"true", b"\xef\xbb\xbf{}", '{"a": 1}'.encode("utf-16"))
_TOO_MUCH = (b"[" * 100000, b'{"a":' * 5000, b"1" * 5000, b'{"a":' + b"[" * 900 + b"]" * 900 + b"}", b"1e999")
_ALMOST = (
    b'{"server": Infinity}',
    b'{"server": {"name": "a", "name": "b"}}',
    b'{"server": []}',
    b'{"network": {"mtu": 1e999}}',
    b'{"network": {"name": "\\ud800"}}',
    b'{"network": {}, "network": []}',
    b'{"networks": ["x"]}',
    b'{"networks": [{"network": "x"}]}',
    b'{"networks": [{"network": [1]}]}',
    b'{"networks": [{"network": null}]}',
    b'{"network": {"project_id": {}}}',
    b'{"network": {"project_id": "\\u0000"}}',
    b'{"port": {"name": "\xff"}}',
    b'{"router": [["a", 1]]}',
    b'{"subnet": "x"}',
    b'{"quota": {"port": true}}',
    b'{"interfaceAttachment": null}',
    b'{"auth": []}',
    b'{"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": ["x"], "password": {}}}}}}',
    b'{"auth": {"identity": {"methods": ["token"], "token": {"id": 7}}, "scope": {"project": {"domain": 7}}}}',
    b'{"application_credential": {"name": "a", "expires_at": "9999-12-31T23:59:59-23:59"}}',
    b'{"user": {"name": "\\u0000"}}',
    b'{"name": 7, "min_disk": 1e300}',
)
BODIES = _NOT_JSON + _NO_OBJECT + _TOO_MUCH + _ALMOST
