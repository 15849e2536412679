"""What every response must have, whatever was requested: checked after each request of the gabbi files.

Three of these checks are requirements of their own: a violation is then of theirs, not of what the test is about.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from conformance.verdict.signals import Violation

REQUEST_ID = re.compile(r"req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
VERSION = re.compile(r"[1-9]\d*\.(0|[1-9]\d*)")
JSON_TYPE = re.compile(r"application/([a-z.-]+\+)?json\b")

NEW_HEADER, OLD_HEADER = "openstack-api-version", "x-openstack-nova-api-version"
NETWORK_REQUEST_ID, COMPUTE_VERSIONS, COMPUTE_REQUEST_ID = "N-ERR-017", "C-MV-003", "C-MV-012"
REQUIREMENTS = (NETWORK_REQUEST_ID, COMPUTE_VERSIONS, COMPUTE_REQUEST_ID)


@dataclass(frozen=True)
class Response:
    """One response. Names of `headers` are lower case, those of `request_headers` as they were sent."""

    url: str
    request_headers: Mapping[str, str]
    status: int
    headers: Mapping[str, str]
    body: str | bytes

    @property
    def text(self) -> str:
        return self.body if isinstance(self.body, str) else self.body.decode("utf-8", "replace")

    def request_header(self, name: str) -> str:
        return next((str(value) for key, value in self.request_headers.items() if key.lower() == name), "")


def observed_by(response: Response) -> list[str]:
    """The ids of the requirements that this response is an observation of."""
    below = _below(response)
    return {"network": [NETWORK_REQUEST_ID], "compute": [COMPUTE_REQUEST_ID], "": []}[below] + (
        [COMPUTE_VERSIONS] if below == "compute" and _versioned(response) else []
    )


def violations_of(response: Response) -> list[Violation]:
    """What the response lacks."""
    found = _of_any(response)
    due = observed_by(response)
    if NETWORK_REQUEST_ID in due:
        found += _request_id(response, "x-openstack-request-id", NETWORK_REQUEST_ID)
    if COMPUTE_REQUEST_ID in due:
        found += _request_id(response, "x-openstack-request-id", COMPUTE_REQUEST_ID)
        found += _request_id(response, "x-compute-request-id", COMPUTE_REQUEST_ID)
    if COMPUTE_VERSIONS in due:
        found += _versions(response)
    return found


def _below(response: Response) -> str:
    """Which API has answered: that of Networking or Compute below their versioned endpoints, or neither."""
    for service, root in (
        ("network", f"{os.environ.get('GMAN_NETWORK_URL', '')}/v2.0"),
        ("compute", re.sub(r"(/v2([.]\d+)?)/.+$", r"\1", os.environ.get("GMAN_COMPUTE_URL", ""))),  # no project in it
    ):
        if root.startswith("http") and re.match(rf"{re.escape(root)}([/?.]|$)", response.url):
            return service
    return ""


def _of_any(response: Response) -> list[Violation]:
    kind = response.headers.get("content-type", "")
    found = []
    if response.text.strip() and not JSON_TYPE.match(kind):
        found.append(Violation(f"the body comes as {kind or 'no type'}, not as application/json"))
    token = response.request_header("x-auth-token")
    if len(token) > 8 and token in response.text:  # a made-up token of a test may be a common word
        found.append(Violation("the body repeats the token"))
    if "Traceback (most recent call last)" in response.text and token != os.environ.get("GMAN_ADMIN_TOKEN", ""):
        found.append(Violation("the body shows a stack trace"))
    return found


def _request_id(response: Response, header: str, requirement: str) -> list[Violation]:
    value = response.headers.get(header, "")
    if REQUEST_ID.fullmatch(value):
        return []
    return [Violation(f"{header} is {value!r}, not req-<uuid>", requirement)]


def _versioned(response: Response) -> bool:
    """Whether a versioned resource has answered: the request came past the token check and named a version there is."""
    if response.status in (300, 401, 406) or (response.status == 400 and not _well_formed(response)):
        return False
    return response.status < 400 or _is_fault(response.text)


def _is_fault(text: str) -> bool:
    try:
        body = json.loads(text)
    except ValueError:
        return False
    return isinstance(body, dict) and any(isinstance(fault, dict) and "code" in fault for fault in body.values())


def _well_formed(response: Response) -> bool:
    asked = _asked(response)
    return asked == "latest" or bool(VERSION.fullmatch(asked))


def _asked(response: Response) -> str:
    """The microversion asked for, "2.1" where none was."""
    for part in reversed(response.request_header(NEW_HEADER).split(",")):
        service, _, version = part.strip().partition(" ")
        if service.lower() == "compute":
            return version.strip()
    return response.request_header(OLD_HEADER) or "2.1"


def _versions(response: Response) -> list[Violation]:
    new, old = response.headers.get(NEW_HEADER, ""), response.headers.get(OLD_HEADER, "")
    asked = _asked(response)
    vary = {name.strip().lower() for name in response.headers.get("vary", "").split(",")}
    texts = []
    if new != f"compute {old}" or not VERSION.fullmatch(old):
        texts.append(f"{NEW_HEADER} is {new!r} and {OLD_HEADER} {old!r}, not the one version in both")
    elif asked not in (old, "latest"):
        texts.append(f"version {asked} was asked for, and {old} answered")
    if not {NEW_HEADER, OLD_HEADER} <= vary:
        texts.append(f"Vary is {response.headers.get('vary', '')!r}, and does not name both version headers")
    return [Violation(text, COMPUTE_VERSIONS) for text in texts]
