"""Keeps credentials out of everything the suite shows: reports, logs, failure texts."""

import json
import re
from base64 import b64encode
from collections.abc import Collection, Mapping
from functools import lru_cache
from html import escape
from typing import Any
from urllib.parse import quote, quote_plus

HIDDEN = "***"

# Names whose values are secrets, as keys of JSON objects, headers and fields of texts alike.
TELLING = (
    r"(?:x-)?(?:auth|subject|service|storage)-token|authorization|proxy-authorization|set-cookie|cookie"
    r"|[a-z_]*password|admin_?pass|[a-z_]*secret(?:_?key)?|access_?key|private_?key|user_data|access_token"
)
NAME = re.compile(TELLING, re.IGNORECASE)
# name: value, name=value, 'name': 'value', "name": "value with \"quotes\"" in a running text
FIELD = re.compile(
    rf"""((?<![\w-])(?P<quote>\\?["']?)(?:{TELLING})(?P=quote)\s*[:=]\s*)"""
    r"""(?!\"?\$[A-Z_]+\b)"""  # the name of a variable in place of a secret is harmless
    r"""(?P<value>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\\".*?\\"|(?:(?:bearer|basic)\s+)?[^\s,;'"\\}\]&]+)""",
    re.IGNORECASE,
)
LOOKS_SECRET = re.compile(
    r"gAAAA[\w-]{20,}={0,2}"  # a Fernet token
    # a JSON web token; within a longer word only a head of usual length is matched, as it could begin anywhere
    r"|(?:(?<![\w-])eyJ[\w-]{10,}|eyJ[\w-]{10,256})\.[\w-]{10,}\.[\w-]*"
    r"|(?<=://)[^\s/@:]*:[^\s/@]+(?=@)"  # user:password of a URL
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",  # or cut off
    re.DOTALL,
)
SHORTEST = 6  # characters; a shorter secret may be a part of any word
LONGEST_SECRET = 16 * 1024  # characters that are looked at beyond where a text is cut
URL_SAFE = str.maketrans("+/", "-_")
JSON_IN_HTML = str.maketrans({character: f"\\u{ord(character):04x}" for character in "&<>"})
OCTET = re.compile("%[0-9A-F]{2}")  # of a URL


def redact(value: Any, secrets: Collection[str] = ()) -> Any:
    """The same text, mapping or list with every secret hidden: values of telling names, what looks like one, and the
    known `secrets` wherever they stand. What is not a text, a mapping or a list is returned as it is."""
    if isinstance(value, Mapping):
        return {key: HIDDEN if _is_secret(key, content) else redact(content, secrets) for key, content in value.items()}
    if isinstance(value, (list, tuple)):
        return [redact(content, secrets) for content in value]
    return _text(value, secrets) if isinstance(value, str) else value


def _is_secret(key: Any, content: Any) -> bool:
    return bool(content) and not isinstance(content, (Mapping, list, tuple)) and bool(NAME.fullmatch(str(key)))


def shortened(text: str, secrets: Collection[str], length: int) -> str:
    """At most `length` characters of the text, and an ellipsis for the rest. It is redacted before it is cut, so that
    no part of a secret stays at the cut.
    """
    text = redact(text[: length + LONGEST_SECRET], secrets)
    return text if len(text) <= length else f"{text[:length]}..."


@lru_cache(maxsize=1024)
def _forms(secret: str) -> tuple[str, ...]:
    """The secret as it is, in a URL or a form, in HTML, in JSON however that is written, in a text of Python's, and in
    Base64, wherever in the encoded text it begins; longest first."""
    plain = secret.encode()
    in_json = json.dumps(secret)[1:-1]
    in_urls = {quote(secret, safe=""), quote(secret), quote_plus(secret)}
    forms = {secret, escape(secret), repr(secret)[1:-1], in_json, in_json.translate(JSON_IN_HTML), *in_urls}
    forms |= {form.replace("/", r"\/") for form in forms}  # some programs escape slashes in JSON
    forms |= {OCTET.sub(lambda octet: octet[0].lower(), form) for form in in_urls}
    for offset, cut in ((0, 0), (1, 2), (2, 3)):  # characters at the edges hold bits of what stands beside the secret
        whole = b64encode(bytes(offset) + plain).decode().rstrip("=")
        inner = whole[cut:] if (offset + len(plain)) % 3 == 0 else whole[cut:-1]
        forms |= {inner, inner.translate(URL_SAFE)}
    return tuple(sorted((form for form in forms if len(form) >= SHORTEST), key=len, reverse=True))


def _text(text: str, secrets: Collection[str]) -> str:
    forms = {form for secret in secrets if len(secret) >= SHORTEST for form in _forms(secret)}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, HIDDEN)
    text = LOOKS_SECRET.sub(HIDDEN, text)
    return FIELD.sub(_hide, text)


def _hide(field: re.Match[str]) -> str:
    quote = re.match(r"""\\?["']""", field["value"])
    return f"{field[1]}{quote[0]}{HIDDEN}{quote[0]}" if quote else f"{field[1]}{HIDDEN}"
