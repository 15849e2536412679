"""A conversation with a cloud that can be had again: every call with what was expected, told as lines for a shell."""

import json
import shlex
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from conformance.race.checkers.topology import refusal
from conformance.race.engine.caller import Caller
from conformance.race.engine.history import Record
from conformance.race.operations import servers
from conformance.verdict.signals import Inconclusive


class ModelMismatch(Exception):
    """An answer, or what was found afterwards, is not what the model says."""


@dataclass
class Transcript:
    """`lines` are the calls so far, to be sent by curl with the token in $OS_TOKEN and jq for ids that are made."""

    caller: Caller
    lines: list[str] = field(default_factory=list)
    _names: dict[str, str] = field(default_factory=dict)  # id -> the variable that holds it

    @property
    def topology(self) -> str:
        return self.caller.topology_url

    @property
    def servers(self) -> str:
        return servers.url(self.caller)

    def network(self, path: str) -> str:
        return f"{self.caller.network_url}/{path}"

    def call(self, method: str, url: str, body: Any = None, *, expect: Collection[int] = ()) -> Record:
        """One call. Raises Wrong for an answer with another status, Inconclusive for none."""
        record = self._send(method, url, body)
        self.lines.append(f"{self._curl(method, url, body)}  # {record.status or record.lost}")
        return self._checked(record, method, url, expect)

    def create(self, url: str, body: Any, *, expect: Collection[int]) -> str:
        """The id of what a POST makes."""
        record = self.call("POST", url, body, expect=expect)
        kind, inner = next(iter(record.answer.items())) if isinstance(record.answer, dict) else ("", None)
        id_ = str(inner.get("id", "")) if isinstance(inner, dict) else ""
        self.name_id(id_, kind)
        return id_

    def name_id(self, id_: str, kind: str) -> None:
        """Let later lines name an id by a variable, which the last line sets: it is that of the `kind` it answers."""
        if id_ and id_ not in self._names:
            name = f"{kind.upper()}_{len(self._names) + 1}"
            line, _, status = self.lines[-1].rpartition("  # ")
            self.lines[-1] = f"{name}=$({line} | jq -r .{kind}.id)  # {status}"
            self._names[id_] = f"${name}"

    def _send(self, method: str, url: str, body: Any) -> Record:
        headers = servers.HEADERS if url.startswith(self.servers) else {}
        return self.caller.call("step", method, url, json=body, headers=headers)

    def _checked(self, record: Record, method: str, url: str, expect: Collection[int]) -> Record:
        if record.lost:
            raise Inconclusive(f"{method} {url} was lost: {record.lost}")
        if expect and record.status not in expect:
            answered = f"{record.status} {refusal(record)[1]}".strip()
            raise ModelMismatch(f"{method} {url} answered {answered}, not {_either(expect)}")
        return record

    def _curl(self, method: str, url: str, body: Any) -> str:
        words = ['curl -s -H "X-Auth-Token: $OS_TOKEN"']
        if url.startswith(self.servers):
            words.append(f"-H 'X-OpenStack-Nova-API-Version: {servers.MICROVERSION}'")
        if method != "GET":
            words.append(f"-X {method}")
        words.append(self._named(url, quote='"'))
        if body is not None:
            words.append(f"-H 'Content-Type: application/json' -d {self._named(json.dumps(body))}")
        return " ".join(words)

    def _named(self, text: str, quote: str = "'") -> str:
        """The text in quotes, with variables for the ids that were made."""
        known = [(id_, name) for id_, name in self._names.items() if id_ in text]
        if not known:
            return shlex.quote(text) if quote == "'" else text
        for id_, name in known:
            text = text.replace(id_, f"'\"{name}\"'" if quote == "'" else name)
        return f"{quote}{text}{quote}"


def _either(expect: Collection[int]) -> str:
    return " or ".join(map(str, sorted(expect)))
