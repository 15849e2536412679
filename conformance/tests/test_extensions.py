"""Extensions that work and are not listed: each alias that tests need has a probe, which finds only this extension."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from conformance.gabbi import files
from conformance.requirements import registry
from conformance.settings import Settings
from conformance.target.capabilities import Capabilities
from conformance.target.endpoints import Endpoints
from conformance.target.extensions import PROBES, WITHOUT_PROBE, unlisted
from conformance.verdict.claims import Kind, compare

NOT_THERE: dict[str, tuple[int, Any]] = {
    "GET": (200, {"networks": [{"id": "n"}]}),
    "POST": (400, "HTTPBadRequest"),
    "PUT": (404, "HTTPNotFound"),
}
PATHS = ("address-scopes", "quotas", "rbac-policies", "routers", "security-groups", "subnetpools")
LISTED = ["agent"]  # an extension without a probe


def needed() -> set[str]:
    """The aliases that requirements and gabbi files depend on."""
    of_files = [need for gabbi_file in files.installed() for need in gabbi_file.requires]
    aliases = {need.removeprefix("extension:") for need in of_files if need.startswith("extension:")}
    return aliases | {entry.extension for entry in registry.load().values() if entry.extension}


def test_each_alias_that_tests_need_is_looked_for() -> None:
    assert needed() <= PROBES.keys() | WITHOUT_PROBE.keys()
    assert not PROBES.keys() & WITHOUT_PROBE.keys()


class Networking:
    """A member of a cloud whose Networking has the extension `alias`, and lists none of them."""

    project_id = "p1"
    endpoints = Endpoints("http://i", "http://g", "http://n", "http://c/v2.1")

    def __init__(self, alias: str, *, down: bool = False) -> None:
        self.alias, self.down = alias, down
        self.asked: list[str] = []

    def side_by_side(self, look: Any, items: Any) -> Any:
        return map(look, items)

    def ask(self, method: str, url: str, *, json: Any = None) -> Any:
        path = url.removeprefix("http://n/v2.0/")
        self.asked.append(f"{method} {path}")
        if self.down:
            raise requests.ConnectionError
        look = PROBES.get(self.alias)
        is_it = look and (method, path, json) == (look.method, look.path.format(project="p1"), look.body)
        return response(*(self._there() if is_it else self._not_there(method, path)))

    def _there(self) -> tuple[int, Any]:
        look = PROBES[self.alias]
        if look.method == "GET":
            return (
                (200, {"networks": [{"router:external": True}]})
                if "no_such" not in look.path
                else (400, "HTTPBadRequest")
            )
        return 404, "NetworkNotFound"

    @staticmethod
    def _not_there(method: str, path: str) -> tuple[int, Any]:
        if method == "GET" and path.startswith(PATHS):
            return 404, "HTTPNotFound"
        return NOT_THERE[method]


def response(status: int, body: Any) -> Any:
    content = {"NeutronError": {"type": body, "message": "", "detail": ""}} if isinstance(body, str) else body
    return SimpleNamespace(status=status, body=json.dumps(content).encode(), json=content)


@pytest.mark.parametrize("alias", ["nothing", *PROBES])
def test_unlisted_extensions_are_found(alias: str) -> None:
    member: Any = Networking(alias)
    assert unlisted(member, LISTED) == ((alias,) if alias in PROBES else ())


def test_listed_extensions_are_not_probed() -> None:
    member: Any = Networking("nothing")
    assert unlisted(member, PROBES) == ()
    assert member.asked == []


def test_a_service_that_does_not_answer_shows_nothing() -> None:
    member: Any = Networking("quotas", down=True)
    assert unlisted(member, LISTED) == ()


def test_the_claims_name_unlisted_extensions() -> None:
    capabilities = Capabilities(extensions=("router",), unlisted=("rbac-subnetpool",))
    findings = compare(capabilities, Settings("c", report=".", run_id="r"), 1).findings  # type: ignore[arg-type]
    [finding] = [finding for finding in findings if finding.kind is Kind.UNLISTED]
    assert "rbac-subnetpool" in finding.text
    assert "N-SP-017b" in finding.text
