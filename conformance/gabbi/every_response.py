"""What every answer owes its caller, whatever was asked: looked at after each request of the gabbi files.

Three of these debts are requirements of their own; a breach is then theirs, and not that of what the test is about.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

REQUEST_ID = re.compile(r"req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
VERSION = re.compile(r"[1-9]\d*\.(0|[1-9]\d*)")
JSON_TYPE = re.compile(r"application/([a-z.-]+\+)?json\b")

NEW_HEADER, OLD_HEADER = "openstack-api-version", "x-openstack-nova-api-version"
NETWORK_REQUEST_ID, COMPUTE_VERSIONS, COMPUTE_REQUEST_ID = "N-ERR-017", "C-MV-003", "C-MV-012"
REQUIREMENTS = (NETWORK_REQUEST_ID, COMPUTE_VERSIONS, COMPUTE_REQUEST_ID)


@dataclass(frozen=True)
class Answer:
    """One answer and what was asked for it; names of `headers` are lower case, those of `asked` as they were sent."""

    url: str
    asked: Mapping[str, str]
    status: int
    headers: Mapping[str, str]
    body: str | bytes

    @property
    def text(self) -> str:
        return self.body if isinstance(self.body, str) else self.body.decode("utf-8", "replace")

    def request_header(self, name: str) -> str:
        return next((str(value) for key, value in self.asked.items() if key.lower() == name), "")


@dataclass(frozen=True)
class Breach:
    """`requirement` is empty where the debt is no requirement of its own."""

    text: str
    requirement: str = ""


def owed(answer: Answer) -> list[str]:
    """The requirements that this answer is an observation of."""
    below = _below(answer)
    return {"network": [NETWORK_REQUEST_ID], "compute": [COMPUTE_REQUEST_ID], "": []}[below] + (
        [COMPUTE_VERSIONS] if below == "compute" and _versioned(answer) else []
    )


def breaches(answer: Answer) -> list[Breach]:
    """What the answer fails to give."""
    found = _of_any(answer)
    due = owed(answer)
    if NETWORK_REQUEST_ID in due:
        found += _request_id(answer, "x-openstack-request-id", NETWORK_REQUEST_ID)
    if COMPUTE_REQUEST_ID in due:
        found += _request_id(answer, "x-openstack-request-id", COMPUTE_REQUEST_ID)
        found += _request_id(answer, "x-compute-request-id", COMPUTE_REQUEST_ID)
    if COMPUTE_VERSIONS in due:
        found += _versions(answer)
    return found


def _below(answer: Answer) -> str:
    """Which API has answered: that of Networking or Compute below their versioned endpoints, or neither."""
    for service, root in (
        ("network", f"{os.environ.get('GMAN_NETWORK_URL', '')}/v2.0"),
        ("compute", re.sub(r"(/v2([.]\d+)?)/.+$", r"\1", os.environ.get("GMAN_COMPUTE_URL", ""))),  # no project in it
    ):
        if root.startswith("http") and re.match(rf"{re.escape(root)}([/?.]|$)", answer.url):
            return service
    return ""


def _of_any(answer: Answer) -> list[Breach]:
    kind = answer.headers.get("content-type", "")
    found = []
    if answer.text.strip() and not JSON_TYPE.match(kind):
        found.append(Breach(f"the body comes as {kind or 'no type'}, not as application/json"))
    token = answer.request_header("x-auth-token")
    if len(token) > 8 and token in answer.text:  # a made-up token of a test may be a common word
        found.append(Breach("the body repeats the token"))
    if "Traceback (most recent call last)" in answer.text and token != os.environ.get("GMAN_ADMIN_TOKEN", ""):
        found.append(Breach("the body shows a stack trace"))
    return found


def _request_id(answer: Answer, header: str, requirement: str) -> list[Breach]:
    value = answer.headers.get(header, "")
    if REQUEST_ID.fullmatch(value):
        return []
    return [Breach(f"{header} is {value!r}, not req-<uuid>", requirement)]


def _versioned(answer: Answer) -> bool:
    """Whether a versioned resource has answered: the request came past the token check and named a version there is."""
    if answer.status in (300, 401, 406) or (answer.status == 400 and not _well_formed(answer)):
        return False
    return answer.status < 400 or _is_fault(answer.text)


def _is_fault(text: str) -> bool:
    try:
        body = json.loads(text)
    except ValueError:
        return False
    return isinstance(body, dict) and any(isinstance(fault, dict) and "code" in fault for fault in body.values())


def _well_formed(answer: Answer) -> bool:
    asked = _asked(answer)
    return asked == "latest" or bool(VERSION.fullmatch(asked))


def _asked(answer: Answer) -> str:
    """The microversion asked for, "2.1" where none was."""
    for part in reversed(answer.request_header(NEW_HEADER).split(",")):
        service, _, version = part.strip().partition(" ")
        if service.lower() == "compute":
            return version.strip()
    return answer.request_header(OLD_HEADER) or "2.1"


def _versions(answer: Answer) -> list[Breach]:
    new, old = answer.headers.get(NEW_HEADER, ""), answer.headers.get(OLD_HEADER, "")
    asked = _asked(answer)
    vary = {name.strip().lower() for name in answer.headers.get("vary", "").split(",")}
    texts = []
    if new != f"compute {old}" or not VERSION.fullmatch(old):
        texts.append(f"{NEW_HEADER} is {new!r} and {OLD_HEADER} {old!r}, not the one version in both")
    elif asked not in (old, "latest"):
        texts.append(f"version {asked} was asked for, and {old} answered")
    if not {NEW_HEADER, OLD_HEADER} <= vary:
        texts.append(f"Vary is {answer.headers.get('vary', '')!r}, and does not name both version headers")
    return [Breach(text, COMPUTE_VERSIONS) for text in texts]
