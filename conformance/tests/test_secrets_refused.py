"""A run that is refused writes and prints no secret either: whole, cut, in Base64 or as a URL has it.

The cloud repeats in each error all that it was sent; files with secrets have errors next to these.
"""

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from conformance.tests.conftest import Gman
from conformance.tests.test_secrets import Ear, written
from conformance.tests.tiny_cloud import PASSWORD, TOKEN, Reply, TinyCloud, serving, write_clouds

OTHER = "sw0rdfish+of/others=& <42>"  # a password of another account
CUT = 8  # characters that are left of a secret that was cut


class Echo(TinyCloud):
    """Refuses what `refuses` names, and repeats the request in the refusal."""

    def __init__(self, refuses: str, *faults: str) -> None:
        super().__init__(*faults)
        self.refuses = refuses

    def reply(self, method: str, path: str, query: dict[str, list[str]], body: Any, environ: dict[str, Any]) -> Reply:
        status, answer = super().reply(method, path, query, body, environ)
        if self.refuses and self.refuses in path:
            status = 403
        if status < 400:
            return status, answer
        sent = [json.dumps(body), *(value for name, value in environ.items() if name.startswith("HTTP_"))]
        secrets = [secret for secret in (PASSWORD, TOKEN, OTHER) if secret in " ".join(sent)]
        encoded = [form(secret) for secret in secrets for form in FORMS.values()]
        message = " ".join([*encoded, *sent])
        return status, {"error": {"code": status, "title": "No", "message": message}, "message": message}


FORMS: dict[str, Callable[[str], str]] = {
    "whole": str,
    "in a URL": lambda secret: quote(secret, safe=""),
    "in a URL's path": quote,
    "in a URL, in small letters": lambda secret: re.sub("%..", lambda octet: octet[0].lower(), quote(secret, safe="")),
    "in a form": quote_plus,
    "in HTML": escape,
    "in JSON that is safe in HTML": lambda secret: re.sub(
        "[&<>]", lambda match: f"\\u{ord(match[0]):04x}", json.dumps(secret)[1:-1]
    ),
    "in JSON with escaped slashes": lambda secret: json.dumps(secret)[1:-1].replace("/", r"\/"),
    "in Base64": lambda secret: b64encode(secret.encode()).decode(),
    "in Base64 for URLs": lambda secret: urlsafe_b64encode(f":{secret}".encode()).decode().rstrip("="),
    "in JSON": lambda secret: json.dumps(secret)[1:-1],
}


def traces(secret: str) -> set[str]:
    """Texts that must not appear: the forms of a secret, and the beginning and the end of each form."""
    forms = {form(secret) for form in FORMS.values()}
    return {part for form in forms for part in (form, form[:CUT], form[-CUT:].rstrip("="))}


def accounts(place: Path, url: str, more: str = "") -> str:
    entry = {"username": "u", "project_name": "p", "password": OTHER, "user_domain_name": "Default"}
    (place / "accounts.yaml").write_text(f"- {json.dumps(entry)}\n{more}")
    return str(place / "accounts.yaml")


WRONG = "a wrong password"
REFUSED: dict[str, tuple[str, list[str], Callable[[Path, str], list[str]]]] = {
    WRONG: ("auth/tokens", [], lambda _place, _url: []),
    "no right to look at extensions": ("extensions", [], lambda _place, _url: []),
    "no right to look at networks": ("networks", [], lambda _place, _url: []),
    "no right to look at flavors": ("flavors", [], lambda _place, _url: []),
    "a project that is not empty": ("", ["not-empty"], lambda _place, _url: []),
    "a cloud that trusts nobody": ("", ["distrustful"], lambda _place, _url: []),
    "no pool": ("", ["cannot", "no-pool"], lambda _place, _url: []),
    "a selection of nothing": ("", [], lambda _place, _url: ["-k", "nosuchtest"]),
    "an account with a wrong password": ("", [], lambda place, url: ["--accounts", accounts(place, url)]),
    "broken accounts": ("", [], lambda place, url: ["--accounts", accounts(place, url, f"- password: '{OTHER}\n")]),
    "accounts of a wrong kind": ("", [], lambda place, url: ["--accounts", accounts(place, url, f"- {OTHER!r}\n")]),
    "an administrator who is none": ("", [], lambda _place, _url: ["--admin-cloud", "tiny"]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_run_keeps_secrets(gman: Gman, tmp_path: Path, case: str) -> None:
    refuses, faults, prepare = REFUSED[case]
    with serving(cloud := Echo(refuses, *faults)) as cloud.url:
        write_clouds(tmp_path / "clouds.yaml", cloud.url)
        more = prepare(tmp_path, cloud.url)
        password = OTHER if case == WRONG else PASSWORD
        code, printed = gman("run", "--cloud", "tiny", *more, url=cloud.url, password=password)
    assert code == 3, printed
    assert shown(tmp_path, printed, {PASSWORD, TOKEN, OTHER}) == {}


def shown(place: Path, printed: str, secrets: set[str]) -> dict[str, list[str]]:
    """(place, text) of each part of the secrets that appears."""
    texts = {**dict(written(place / "report", place / "state")), "printed": printed.encode()}
    forms = {trace for secret in secrets for trace in traces(secret)}
    forms_in = {name: [form for form in forms if form.encode() in text] for name, text in texts.items()}
    return {name: forms for name, forms in forms_in.items() if forms}


@pytest.mark.parametrize("more", [["-k", "nosuchtest"], ["--waivers", "nowhere"]])
def test_a_refused_run_of_the_reference_keeps_secrets(
    gman: Gman, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: list[str]
) -> None:
    ear = Ear()
    ear.listen(monkeypatch)
    code, printed = gman("run", *more)
    assert code == 3, printed
    assert ear.heard["token"]
    assert shown(tmp_path, printed, {secret for heard in ear.heard.values() for secret in heard}) == {}
