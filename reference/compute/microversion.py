"""Microversions: read from a request's headers, and sent in every answer's (C-MV-001 to C-MV-012)."""

import re
from typing import NamedTuple

import falcon

from reference.compute.errors import fault
from reference.wsgi.reading import whole
from reference.wsgi.routes import Call

HEADER, LEGACY_HEADER = "OpenStack-API-Version", "X-OpenStack-Nova-API-Version"
SERVICE = "compute"
_FORM = re.compile(r"([1-9]\d*)\.(0|[1-9]\d*)", re.ASCII)


class Version(NamedTuple):
    """A version, comparable to pairs: `version >= (2, 37)`."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


MINIMUM, MAXIMUM = Version(2, 1), Version(2, 100)


def version_of(call: Call) -> Version:
    """The version that the request is answered in."""
    version: Version = call.request.context.version
    return version


def parse(text: str) -> Version:
    """The version in `text`, supported or not. Raises Problem: 400 where it is invalid (C-MV-006)."""
    if text == "latest":
        return MAXIMUM
    form = _FORM.fullmatch(text)
    if form is None:
        raise fault(400, f"API Version String {text} is of invalid format. Must be of format MajorNum.MinorNum.")
    return Version(*(whole(number) or 0 for number in form.groups()))


def requested(req: falcon.Request) -> str | None:
    """The version in the headers: the last entry for this service, else the older header's (C-MV-002, C-MV-007)."""
    for entry in reversed((req.get_header(HEADER) or "").split(",")):
        service, _, text = entry.strip().partition(" ")
        if service.lower() == SERVICE and text.strip():
            return text.strip()
    return (req.get_header(LEGACY_HEADER) or "").split(",")[-1].strip() or None


class Microversions:
    """Determine the version before any handler runs, and send it with every answer, errors included."""

    def process_request(self, req: falcon.Request, _resp: falcon.Response) -> None:
        if not req.path.startswith("/v2.1"):
            return
        version = parse(requested(req) or str(MINIMUM))
        req.context.version = version
        if not MINIMUM <= version <= MAXIMUM:
            raise fault(
                406,
                f"Version {version} is not supported by the API. Minimum is {MINIMUM} and maximum is {MAXIMUM}.",
            )

    def process_response(self, req: falcon.Request, resp: falcon.Response, _resource: object, _succeeded: bool) -> None:
        resp.set_header("x-compute-request-id", req.context.request_id)
        version = getattr(req.context, "version", None)
        if version is not None:
            resp.set_header(HEADER, f"{SERVICE} {version}")
            resp.set_header(LEGACY_HEADER, str(version))
            resp.append_header("Vary", HEADER)
            resp.append_header("Vary", LEGACY_HEADER)
