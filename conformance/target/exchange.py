"""One request and its answer as a failure shows them to a person: a curl line to repeat it, and the answer."""

import json
import shlex
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass

from conformance.redact import redact, shortened
from conformance.target.transport import TOKEN_HEADER
from conformance.target.user_agent import REQUEST_ID
from conformance.untrusted import UntrustedError, parse_json

LONGEST_BODY = 4000  # characters shown
OMITTED_HEADERS = {"user-agent", "accept-encoding", "connection", "host", "content-length", REQUEST_ID}


@dataclass(frozen=True)
class Exchange:
    """Header names are lower case. `status` is 0 when no answer came; `seconds` is how long that took."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""
    status: int = 0
    reason: str = ""
    answer_headers: Mapping[str, str] | None = None
    answer: bytes = b""
    seconds: float = 0.0

    def __str__(self) -> str:
        """The exchange without its secrets."""
        return f"{self._curl()}\n\n{self._answer()}"

    @property
    def secrets(self) -> list[str]:
        token = self.headers.get(TOKEN_HEADER, "")
        return [token] if token else []

    def _curl(self) -> str:
        parts = [f"curl -i -X {self.method}"]
        for name, value in self.headers.items():
            if name == TOKEN_HEADER:
                parts.append('-H "X-Auth-Token: $OS_TOKEN"')
            elif name not in OMITTED_HEADERS:
                parts.append(f"-H {shlex.quote(redact(f'{name}: {value}', self.secrets))}")
        if self.body:
            parts.append(f"-d {shlex.quote(_readable(self.body, self.secrets))}")
        parts.append(shlex.quote(redact(self.url, self.secrets)))
        return " ".join(parts)

    def _answer(self) -> str:
        if not self.status:
            return f"(no answer after {self.seconds:.1f} s)"
        headers = redact(dict(self.answer_headers or {}), self.secrets)
        lines = [f"{self.status} {self.reason} after {self.seconds * 1000:.0f} ms"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\n".join([*lines, "", _readable(self.answer, self.secrets)]).rstrip()


def _readable(body: bytes, secrets: Collection[str]) -> str:
    """A body as text of bounded length without its secrets, JSON on one line."""
    text = body.decode("utf-8", "replace")
    with suppress(UntrustedError):
        text = json.dumps(redact(parse_json(text)))
    cut = shortened(text, secrets, LONGEST_BODY)
    return f"{cut} ({len(text)} characters)" if len(text) > LONGEST_BODY else cut
