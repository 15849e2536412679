"""Checks of every response, made after each request of the gabbi files. Three of them are requirements: a violation
then counts for that requirement, not for those of the test.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from conformance.target.user_agent import REQUEST_ID
from conformance.untrusted import parse_json
from conformance.verdict.signals import Violation

FORM_OF_ID = re.compile(r"req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
VERSION = re.compile(r"[1-9]\d*\.(0|[1-9]\d*)")
JSON_TYPE = re.compile(r"application/([a-z.-]+\+)?json\b")

NEW_HEADER, OLD_HEADER = "openstack-api-version", "x-openstack-nova-api-version"
NETWORK_REQUEST_ID, COMPUTE_VERSIONS, COMPUTE_REQUEST_ID = "N-ERR-017", "C-MV-003", "C-MV-012"
REQUIREMENTS = (NETWORK_REQUEST_ID, COMPUTE_VERSIONS, COMPUTE_REQUEST_ID)


@dataclass(frozen=True)
class Response:
    """One response. Names of `headers` are lower case, those of `request_headers` are as sent."""

    url: str
    request_headers: Mapping[str, str]
    status: int
    headers: Mapping[str, str]
    body: str | bytes

    @property
    def text(self) -> str:
        return self.body if isinstance(self.body, str) else self.body.decode("utf-8", "replace")

    def request_header(self, name: str) -> str:
        """The value of a header that was sent, by its name in lower case; empty if there is none."""
        return next((str(value) for key, value in self.request_headers.items() if key.lower() == name), "")


def observed_by(response: Response) -> list[str]:
    """The ids of the requirements that this response is an observation of."""
    match _api_of(response):
        case "network":
            return [NETWORK_REQUEST_ID]
        case "compute":
            return [COMPUTE_REQUEST_ID, COMPUTE_VERSIONS] if _versioned(response) else [COMPUTE_REQUEST_ID]
        case _:
            return []


def violations_of(response: Response) -> list[Violation]:
    """The violations of all rules that apply to the response."""
    violations = _general_violations(response)
    observed = observed_by(response)
    if NETWORK_REQUEST_ID in observed:
        violations += _request_id_violations(response, REQUEST_ID, NETWORK_REQUEST_ID)
    if COMPUTE_REQUEST_ID in observed:
        violations += _request_id_violations(response, REQUEST_ID, COMPUTE_REQUEST_ID)
        violations += _request_id_violations(response, "x-compute-request-id", COMPUTE_REQUEST_ID)
    if COMPUTE_VERSIONS in observed:
        violations += _version_violations(response)
    return violations


def _api_of(response: Response) -> str:
    """The API that answered: network or compute below their versioned endpoints, else empty."""
    for service, root in (
        ("network", f"{os.environ.get('GMAN_NETWORK_URL', '')}/v2.0"),
        ("compute", re.sub(r"(/v2([.]\d+)?)/.+$", r"\1", os.environ.get("GMAN_COMPUTE_URL", ""))),  # no project in it
    ):
        if root.startswith("http") and re.match(rf"{re.escape(root)}([/?.]|$)", response.url):
            return service
    return ""


def _general_violations(response: Response) -> list[Violation]:
    """Violations of rules that are not in the registry: the type of the body, secrets in it."""
    content_type = response.headers.get("content-type", "")
    violations = []
    if response.text.strip() and not JSON_TYPE.match(content_type):
        violations.append(Violation(f"the body comes as {content_type or 'no type'}, not as application/json"))
    token = response.request_header("x-auth-token")
    if len(token) > 8 and token in response.text:  # a test's invalid token may be a common word
        violations.append(Violation("the body repeats the token"))
    if "Traceback (most recent call last)" in response.text and token != os.environ.get("GMAN_ADMIN_TOKEN", ""):
        violations.append(Violation("the body shows a stack trace"))
    return violations


def _request_id_violations(response: Response, header: str, requirement: str) -> list[Violation]:
    value = response.headers.get(header, "")
    if FORM_OF_ID.fullmatch(value):
        return []
    return [Violation(f"{header} is {value!r}, not req-<uuid>", requirement)]


def _versioned(response: Response) -> bool:
    """Whether a versioned resource answered: the token was accepted, and the requested version is supported."""
    requested = _requested_version(response)
    invalid_version = requested != "latest" and not VERSION.fullmatch(requested)
    if response.status in (300, 401, 406) or (response.status == 400 and invalid_version):
        return False
    if response.status < 400:
        return True
    try:
        body = parse_json(response.text)
    except ValueError:
        return False
    return isinstance(body, dict) and any(isinstance(fault, dict) and "code" in fault for fault in body.values())


def _requested_version(response: Response) -> str:
    """The requested microversion, "2.1" for none."""
    for part in reversed(response.request_header(NEW_HEADER).split(",")):
        service, _, version = part.strip().partition(" ")
        if service.lower() == "compute":
            return version.strip()
    return response.request_header(OLD_HEADER) or "2.1"


def _version_violations(response: Response) -> list[Violation]:
    new, old = response.headers.get(NEW_HEADER, ""), response.headers.get(OLD_HEADER, "")
    requested = _requested_version(response)
    vary = {name.strip().lower() for name in response.headers.get("vary", "").split(",")}
    texts = []
    if new != f"compute {old}" or not VERSION.fullmatch(old):
        texts.append(f"{NEW_HEADER} is {new!r} and {OLD_HEADER} {old!r}, not the one version in both")
    elif requested not in (old, "latest"):
        texts.append(f"version {requested} was asked for, and {old} answered")
    if not {NEW_HEADER, OLD_HEADER} <= vary:
        texts.append(f"Vary is {response.headers.get('vary', '')!r}, and does not name both version headers")
    return [Violation(text, COMPUTE_VERSIONS) for text in texts]
