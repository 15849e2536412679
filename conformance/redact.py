"""Keeps credentials out of everything the suite shows: reports, logs, failure texts."""

import re
from collections.abc import Collection, Mapping
from typing import Any

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
    r"""(?!\"?\$[A-Z_]+\b)"""  # the name of a variable, in place of a secret, gives nothing away
    r"""(?P<value>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\\".*?\\"|(?:(?:bearer|basic)\s+)?[^\s,;'"\\}\]&]+)""",
    re.IGNORECASE,
)
LOOKS_SECRET = re.compile(
    r"gAAAA[\w-]{20,}={0,2}"  # a Fernet token
    r"|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*"  # a JSON web token
    r"|(?<=://)[^\s/@:]*:[^\s/@]+(?=@)"  # user:password of a URL
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----",
    re.DOTALL,
)
SHORTEST = 6  # a shorter secret may be a part of any word


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


def _text(text: str, secrets: Collection[str]) -> str:
    for secret in sorted((secret for secret in secrets if len(secret) >= SHORTEST), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    text = LOOKS_SECRET.sub(HIDDEN, text)
    return FIELD.sub(_hide, text)


def _hide(field: re.Match[str]) -> str:
    quote = re.match(r"""\\?["']""", field["value"])
    return f"{field[1]}{quote[0]}{HIDDEN}{quote[0]}" if quote else f"{field[1]}{HIDDEN}"
