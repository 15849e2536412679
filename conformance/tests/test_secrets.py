"""A run writes and prints no secret that was used in it: token, password or a server's adminPass. It runs against the
embedded reference, with faults by which answers with secrets fail their tests.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance.gabbi.handlers import matches
from conformance.projects.journal import Journal
from conformance.race.engine import caller, volley
from conformance.redact import SHORTEST
from conformance.target.transport import HttpResponse, Transport
from conformance.tests.conftest import Gman

pytest.importorskip("subunit")

FAULTS = "tokens-have-no-beginning,no-links-are-told,first-get-is-202,no-request-id"
SOME = "accounts or topology-get or servers-s or servers-multi or test_boot_race or readers"
SUBJECT = "x-subject-token"
TOKEN, PASSWORDS = "token", ("password", "adminPass")  # keys of secrets in bodies


class Ear:
    """Listens to every exchange of a run, and collects its secrets."""

    def __init__(self) -> None:
        self.heard: dict[str, set[str]] = {name: set() for name in (TOKEN, *PASSWORDS)}

    def listen(self, monkeypatch: pytest.MonkeyPatch) -> None:
        exchange, fire = Transport.exchange, volley.fire

        def heard(
            transport: Transport, method: str, url: str, headers: Any, body: Any = None, *more: Any
        ) -> HttpResponse:
            answered = exchange(transport, method, url, headers, body, *more)
            self.note(answered.raw.headers, body, answered.body)
            return answered

        def fired(requests: Any, **how: Any) -> Any:
            deliveries = fire(requests, **how)
            for request, delivery in zip(requests, deliveries, strict=True):
                self.note({}, request.body, delivery.answer.body if delivery.answer else b"")
            return deliveries

        monkeypatch.setattr(Transport, "exchange", heard)
        monkeypatch.setattr(caller, "fire", fired)

    def note(self, headers: Mapping[str, str], *bodies: Any) -> None:
        self.heard[TOKEN] |= {headers[SUBJECT]} if headers.get(SUBJECT) else set()
        for body in bodies:
            try:
                content = json.loads(body or "null")
            except ValueError:
                continue
            for name in PASSWORDS:
                values = (value for value in matches(content, f"$..{name}") if isinstance(value, str))
                self.heard[name] |= {value for value in values if len(value) >= SHORTEST}


def written(*folders: Path) -> Iterator[tuple[str, bytes]]:
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file():
                yield path.relative_to(folder.parent).as_posix(), path.read_bytes()


def test_no_used_secret_is_written_or_printed(gman: Gman, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GMAN_FAULT", FAULTS)
    journal = tmp_path / "state" / "journal"  # deleted with the reference
    monkeypatch.setattr(Journal, "close", lambda self: journal.write_bytes(self._path.read_bytes()))
    journal.parent.mkdir()
    ear = Ear()
    ear.listen(monkeypatch)
    code, printed = gman("run", "-n", "0", "-k", SOME, "--subunit", str(tmp_path / "report" / "tests.subunit"))
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    failed = {test["id"].rpartition("::")[2]: test["message"] for test in report["tests"] if test["state"] == "fail"}
    assert code == 1
    assert "answers one id" in " ".join(failed)
    assert all(len(heard) > 2 for heard in ear.heard.values())

    texts = {**dict(written(tmp_path / "report", tmp_path / "state")), "printed": printed.encode()}
    kinds = {Path(name).suffix for name in texts}
    assert kinds >= {".html", ".json", ".ndjson", ".xml", ".log", ".subunit"}
    assert texts["state/journal"]
    secrets = {secret.encode() for heard in ear.heard.values() for secret in heard}
    assert [name for name, text in texts.items() if any(secret in text for secret in secrets)] == []
