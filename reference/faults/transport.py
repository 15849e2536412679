"""Faults in what every answer carries: request ids, bodies of errors, microversions."""

from __future__ import annotations

from typing import Any

import falcon

from reference.compute import errors as compute_errors
from reference.compute import microversion
from reference.compute.errors import fault
from reference.compute.microversion import HEADER, LEGACY_HEADER, MAXIMUM, MINIMUM, SERVICE, Microversions, Version
from reference.faults.catalogue import defect
from reference.faults.seam import around, replace
from reference.network.rest import errors as network_errors
from reference.wsgi import service
from reference.wsgi.errors import Problem


def _leaving(spoil: Any, middleware: type = Microversions) -> None:
    """Let `spoil(request, response)` work on every answer that leaves through that middleware."""

    def process(right: Any, self: object, req: Any, resp: Any, *more: Any) -> None:
        right(self, req, resp, *more)
        spoil(req, resp)

    around(middleware, "process_response", process)


def _versions(settle: Any) -> None:
    """Let `settle(request)` decide the version of a request, as text, None for what the headers say."""

    def requested(right: Any, req: falcon.Request) -> str | None:
        return settle(req) or right(req)  # type: ignore[no-any-return]

    around(microversion, "requested", requested)


@defect("N-ERR-017", "C-MV-012", row="DEF-C-013")
def no_request_id() -> None:
    """Answers carry no x-openstack-request-id."""
    _leaving(lambda _req, resp: resp.delete_header("x-openstack-request-id"), service.RequestId)


@defect("N-ERR-017", "C-MV-012")
def request_id_of_another_form() -> None:
    """The request id is a bare UUID, without req-."""
    _leaving(
        lambda req, resp: resp.set_header("x-openstack-request-id", req.context.request_id.removeprefix("req-")),
        service.RequestId,
    )


@defect("C-MV-012")
def no_compute_request_id() -> None:
    """Compute's answers carry no x-compute-request-id."""
    _leaving(lambda _req, resp: resp.delete_header("x-compute-request-id"))


@defect("N-ERR-001", row="DEF-C-018")
def network_errors_in_another_shape() -> None:
    """Networking's errors are {"error": {"code", "message"}}."""
    replace(network_errors, "dialect", lambda problem: {"error": {"code": problem.status, "message": problem.message}})


@defect("N-ERR-001")
def network_errors_without_detail() -> None:
    """Networking's errors lack the key detail."""
    replace(
        network_errors, "dialect", lambda problem: {"NeutronError": {"type": problem.kind, "message": problem.message}}
    )


@defect("N-ERR-001")
def network_errors_are_text() -> None:
    """Networking's errors are a sentence."""
    replace(network_errors, "dialect", lambda problem: {"NeutronError": problem.message})


@defect("C-ERR-001", row="DEF-C-018")
def compute_faults_in_another_shape() -> None:
    """Compute's faults are {"error": {...}}, whatever they are."""
    replace(compute_errors, "dialect", lambda problem: {"error": {"code": problem.status, "message": problem.message}})


@defect("C-ERR-001")
def compute_faults_without_code() -> None:
    """Compute's faults lack the status code."""
    replace(compute_errors, "dialect", lambda problem: {problem.kind: {"message": problem.message}})


@defect("C-MV-001", row="DEF-C-007")
def no_version_is_the_newest() -> None:
    """A request that names no microversion is answered at the newest."""
    _versions(lambda req: None if req.get_header(HEADER) or req.get_header(LEGACY_HEADER) else str(MAXIMUM))


@defect("C-MV-002", row="DEF-C-008")
def older_header_is_ignored() -> None:
    """X-OpenStack-Nova-API-Version does not choose the version."""
    _versions(lambda req: None if req.get_header(HEADER) else str(MINIMUM))


@defect("C-MV-002")
def older_header_goes_first() -> None:
    """Where both headers are sent, the older one counts."""
    _versions(lambda req: req.get_header(LEGACY_HEADER))


@defect("C-MV-003", row="DEF-C-008")
def older_header_is_not_answered() -> None:
    """Answers name the version in OpenStack-API-Version alone."""
    _leaving(lambda _req, resp: resp.delete_header(LEGACY_HEADER))


@defect("C-MV-003")
def version_is_not_answered() -> None:
    """Answers do not name the version in OpenStack-API-Version."""
    _leaving(lambda _req, resp: resp.delete_header(HEADER))


@defect("C-MV-003")
def vary_is_missing() -> None:
    """Answers say nothing in Vary."""
    _leaving(lambda _req, resp: resp.delete_header("Vary"))


@defect("C-MV-003")
def faults_name_no_version() -> None:
    """Faults, other than successes, do not name the version."""
    _leaving(lambda _req, resp: resp.status_code >= 400 and resp.delete_header(HEADER))


@defect("C-MV-004")
def latest_is_answered_as_a_word() -> None:
    """The answer to latest says latest, not a number."""

    def spoil(req: Any, resp: Any) -> None:
        if (microversion.requested(req) or "") == "latest":
            resp.set_header(HEADER, f"{SERVICE} latest")

    _leaving(spoil)


@defect("C-MV-004")
def latest_in_capitals() -> None:
    """LATEST is taken for latest."""
    around(microversion, "parse", lambda right, text: right(text.lower()))


@defect("C-MV-004")
def latest_is_unknown() -> None:
    """The word latest is refused."""
    around(microversion, "parse", lambda right, text: right("?" if text == "latest" else text))


def _instead_of(status: int, by: Problem) -> None:
    def process(right: Any, self: object, req: Any, resp: Any) -> None:
        try:
            right(self, req, resp)
        except Problem as refused:
            raise by if refused.status == status else refused from None

    around(Microversions, "process_request", process)


@defect("C-MV-005", row="DEF-C-009")
def unsupported_version_is_400() -> None:
    """A microversion the service does not speak is refused with 400."""
    _instead_of(406, fault(400, "not supported"))


@defect("C-MV-005")
def unsupported_version_is_404() -> None:
    """A microversion the service does not speak is refused with 404."""
    _instead_of(406, fault(404, "not supported"))


@defect("C-MV-005")
def unsupported_version_has_another_key() -> None:
    """A microversion the service does not speak is refused with the key notAcceptable."""
    _instead_of(406, Problem(406, "notAcceptable", "not supported"))


@defect("C-MV-005")
def too_new_a_version_is_the_newest() -> None:
    """A microversion beyond the newest is answered at the newest."""
    around(microversion, "parse", lambda right, text: Version(*min(right(text), MAXIMUM)))


@defect("C-MV-006", row="DEF-C-009")
def malformed_version_is_406() -> None:
    """What is no microversion at all is refused with 406."""
    _instead_of(400, fault(406, "not supported"))


@defect("C-MV-006")
def malformed_version_is_ignored() -> None:
    """What is no microversion at all is answered at the oldest."""

    def parse(right: Any, text: str) -> Version:
        try:
            return right(text)  # type: ignore[no-any-return]
        except Problem:
            return MINIMUM

    around(microversion, "parse", parse)


@defect("C-MV-007")
def another_services_version_is_refused() -> None:
    """A version header that names another service is refused."""

    def settle(req: falcon.Request) -> str | None:
        named = req.get_header(HEADER) or ""
        return "?" if named and not named.startswith(SERVICE) else None

    _versions(settle)


@defect("C-MV-007")
def another_services_version_counts() -> None:
    """A version header that names another service chooses Compute's version."""

    def settle(req: falcon.Request) -> str | None:
        return (req.get_header(HEADER) or "").rpartition(" ")[2] or None

    _versions(settle)


@defect("C-MV-005")
def too_old_a_version_is_the_oldest() -> None:
    """A microversion below the oldest is answered at the oldest."""
    around(microversion, "parse", lambda right, text: Version(*max(right(text), MINIMUM)))


@defect("C-MV-006")
def zeros_in_front_do_not_matter() -> None:
    """2.037 is taken for 2.37."""
    around(microversion, "parse", lambda right, text: right(text.replace(".0", ".")))


@defect("C-ERR-001")
def compute_faults_say_their_code_as_text() -> None:
    """The status code in Compute's faults is a string."""
    replace(
        compute_errors,
        "dialect",
        lambda problem: {problem.kind: {"code": str(problem.status), "message": problem.message}},
    )
