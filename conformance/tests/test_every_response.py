"""The checks of every response: which of them apply to which response, and that each finds its violation."""

from collections.abc import Mapping
from typing import Any

import pytest

from conformance.gabbi.every_response import Response, observed_by, violations_of

NETWORK, COMPUTE = "http://cloud/network", "http://cloud/compute/v2.1"
ID = "req-0f1e2d3c-0000-1111-2222-333344445555"
TOKEN = "a-token-that-is-long"
PLAIN = {"content-type": "application/json", "x-openstack-request-id": ID}
VERSIONED = {
    **PLAIN,
    "x-compute-request-id": ID,
    "openstack-api-version": "compute 2.37",
    "x-openstack-nova-api-version": "2.37",
    "vary": "OpenStack-API-Version, X-OpenStack-Nova-API-Version",
}
ASKED = {"X-Auth-Token": TOKEN, "OpenStack-API-Version": "compute 2.37"}


@pytest.fixture(autouse=True)
def _urls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GMAN_NETWORK_URL", NETWORK)
    monkeypatch.setenv("GMAN_COMPUTE_URL", COMPUTE)


def network(**changes: Any) -> Response:
    good = {"url": f"{NETWORK}/v2.0/networks", "request_headers": ASKED, "status": 200, "headers": PLAIN, "body": "{}"}
    return Response(**{**good, **changes})


def compute(**changes: Any) -> Response:
    good = {"url": f"{COMPUTE}/servers", "request_headers": ASKED, "status": 200, "headers": VERSIONED, "body": "{}"}
    return Response(**{**good, **changes})


def without(headers: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in names}


def requirements(answer: Response) -> list[str]:
    return [violation.requirement for violation in violations_of(answer)]


def test_right_answers_have_no_violation() -> None:
    assert violations_of(network()) == violations_of(compute()) == []
    assert observed_by(network()) == ["N-ERR-017"]
    assert sorted(observed_by(compute())) == ["C-MV-003", "C-MV-012"]


def test_a_project_in_the_endpoint_excuses_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GMAN_COMPUTE_URL", f"{COMPUTE}/0123abcd")
    for url in (f"{COMPUTE}/0123abcd/servers", f"{COMPUTE}/servers"):
        assert sorted(observed_by(compute(url=url))) == ["C-MV-003", "C-MV-012"]


@pytest.mark.parametrize(
    "url", [NETWORK, f"{NETWORK}/", f"{NETWORK}/v2.01", "http://cloud/image/v2", "http://cloud/compute/"]
)
def test_other_urls_have_only_the_general_rules(url: str) -> None:
    answer = network(url=url, headers=without(PLAIN, "x-openstack-request-id"))
    assert observed_by(answer) == []
    assert violations_of(answer) == []


@pytest.mark.parametrize("url", [f"{NETWORK}/v2.0", f"{NETWORK}/v2.0/x", f"{NETWORK}/v2.0?x", f"{NETWORK}/v2.0.json"])
def test_the_versioned_network_address(url: str) -> None:
    assert observed_by(network(url=url)) == ["N-ERR-017"]


@pytest.mark.parametrize("value", ["", "req-", ID[4:], ID.upper(), f"{ID} "])
def test_a_request_id_has_its_form(value: str) -> None:
    assert requirements(network(headers={**PLAIN, "x-openstack-request-id": value})) == ["N-ERR-017"]
    assert requirements(compute(headers={**VERSIONED, "x-openstack-request-id": value})) == ["C-MV-012"]
    assert requirements(compute(headers={**VERSIONED, "x-compute-request-id": value})) == ["C-MV-012"]


@pytest.mark.parametrize(
    ("headers", "requested"),
    [
        (without(VERSIONED, "openstack-api-version"), "compute 2.37"),
        (without(VERSIONED, "x-openstack-nova-api-version"), "compute 2.37"),
        ({**VERSIONED, "x-openstack-nova-api-version": "2.38"}, "compute 2.37"),
        ({**VERSIONED, "vary": "OpenStack-API-Version"}, "compute 2.37"),
        (without(VERSIONED, "vary"), "compute 2.37"),
        (VERSIONED, "compute 2.38"),
        (VERSIONED, ""),  # no version means 2.1
        (
            {**VERSIONED, "openstack-api-version": "compute latest", "x-openstack-nova-api-version": "latest"},
            "compute latest",
        ),
    ],
)
def test_versions_are_answered(headers: dict[str, str], requested: str) -> None:
    assert requirements(compute(headers=headers, request_headers={"OpenStack-API-Version": requested})) == ["C-MV-003"]


@pytest.mark.parametrize(
    "requested",
    [
        {"OpenStack-API-Version": "compute 2.37"},
        {"openstack-api-version": "Compute 2.37"},
        {"OpenStack-API-Version": "compute 2.1, compute 2.37"},
        {"X-OpenStack-Nova-API-Version": "2.37"},
        {"X-OpenStack-Nova-API-Version": "2.1", "OpenStack-API-Version": "compute 2.37"},
        {"X-OpenStack-Nova-API-Version": "2.37", "OpenStack-API-Version": "identity 2.1"},
        {"OpenStack-API-Version": "compute latest"},
    ],
)
def test_ways_to_ask_for_a_version(requested: dict[str, str]) -> None:
    assert violations_of(compute(request_headers=requested)) == []


FAULT = '{"badRequest": {"code": 400, "message": "no"}}'


@pytest.mark.parametrize(
    ("status", "requested", "body", "due"),
    [
        (400, "compute 2.37", FAULT, True),
        (400, "compute v2.37", FAULT, False),  # the version was invalid
        (406, "compute 2.9999", FAULT, False),
        (401, "compute 2.37", FAULT, False),  # refused before any resource
        (300, "compute 2.37", "{}", False),
        (404, "compute 2.37", FAULT, True),
        (404, "compute 2.37", "{}", False),  # no resource has answered
        (500, "compute 2.37", FAULT, True),
    ],
)
def test_only_a_versioned_resource_answers_versions(status: int, requested: str, body: str, due: bool) -> None:
    bare = without(VERSIONED, "vary", "openstack-api-version", "x-openstack-nova-api-version")
    answer = compute(status=status, request_headers={"OpenStack-API-Version": requested}, body=body, headers=bare)
    assert ("C-MV-003" in requirements(answer)) is due


@pytest.mark.parametrize(
    ("kind", "body", "fails"),
    [
        ("application/json", "{}", False),
        ("application/json; charset=UTF-8", "{}", False),
        ("application/vnd.openstack+json", "{}", False),
        ("text/html", "<p>", True),
        ("", "{}", True),
        ("", "", False),
        ("text/html", " \n", False),
    ],
)
def test_a_body_is_json(kind: str, body: str, fails: bool) -> None:
    assert bool(violations_of(network(headers={**PLAIN, "content-type": kind}, body=body))) is fails


def test_a_body_does_not_repeat_the_token() -> None:
    assert violations_of(network(body=f'{{"you": "{TOKEN}"}}'))
    assert not violations_of(network(body='{"you": "word"}', request_headers={"x-auth-token": "word"}))


def test_a_stack_trace_is_for_administrators(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = network(body='{"x": "Traceback (most recent call last): ..."}')
    assert violations_of(answer)
    monkeypatch.setenv("GMAN_ADMIN_TOKEN", TOKEN)
    assert not violations_of(answer)
