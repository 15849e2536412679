"""Calls and their expected statuses, written as lines for a shell that repeats them."""

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
    """An answer, or the project's state, is not what the model says."""


@dataclass
class Transcript:
    """`lines` are the calls so far, for curl with the token in $OS_TOKEN and jq for new ids."""

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
        """Make one call. Raises ModelMismatch for an answer of another status, Inconclusive for a lost call."""
        headers = servers.HEADERS if url.startswith(self.servers) else {}
        record = self.caller.call("step", method, url, json=body, headers=headers)
        self.lines.append(f"{self._curl(method, url, body)}  # {record.status or record.lost}")
        if record.lost:
            raise Inconclusive(f"{method} {url} was lost: {record.lost}")
        if expect and record.status not in expect:
            answer, expected = f"{record.status} {refusal(record)[1]}".strip(), " or ".join(map(str, sorted(expect)))
            raise ModelMismatch(f"{method} {url} answered {answer}, not {expected}")
        return record

    def create(self, url: str, body: Any, *, expect: Collection[int]) -> str:
        """Make a POST, and return the id of the object that it creates."""
        record = self.call("POST", url, body, expect=expect)
        kind, inner = next(iter(record.answer.items())) if isinstance(record.answer, dict) else ("", None)
        id_ = str(inner.get("id", "")) if isinstance(inner, dict) else ""
        self.name_id(id_, kind)
        return id_

    def name_id(self, id_: str, kind: str) -> None:
        """Let the last line assign the id of the `kind` in its answer to a variable, for use in later lines."""
        if id_ and id_ not in self._names:
            name = f"{kind.upper()}_{len(self._names) + 1}"
            line, _, status = self.lines[-1].rpartition("  # ")
            self.lines[-1] = f"{name}=$({line} | jq -r .{kind}.id)  # {status}"
            self._names[id_] = f"${name}"

    def _curl(self, method: str, url: str, body: Any) -> str:
        words = ['curl -s -H "X-Auth-Token: $OS_TOKEN"']
        if url.startswith(self.servers):
            words.append(f"-H 'X-OpenStack-Nova-API-Version: {servers.MICROVERSION}'")
        if method != "GET":
            words.append(f"-X {method}")
        words.append(self._with_variables(url, quote='"'))
        if body is not None:
            words.append(f"-H 'Content-Type: application/json' -d {self._with_variables(json.dumps(body))}")
        return " ".join(words)

    def _with_variables(self, text: str, quote: str = "'") -> str:
        """The text in quotes, with variables for the ids that have one."""
        variables = [(id_, name) for id_, name in self._names.items() if id_ in text]
        if not variables:
            return shlex.quote(text) if quote == "'" else text
        for id_, name in variables:
            text = text.replace(id_, f"'\"{name}\"'" if quote == "'" else name)
        return f"{quote}{text}{quote}"
