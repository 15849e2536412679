"""Faults in microversions, in discovery, and in what every answer carries: request ids, bodies of errors."""

from collections.abc import Callable
from typing import Any, NoReturn

import falcon

import reference.compute as compute
from reference.catalogue import Plant
from reference.compute import errors as compute_errors
from reference.compute import microversion, paths
from reference.compute.errors import fault as compute_error
from reference.compute.handlers.versions import Versions
from reference.compute.microversion import HEADER, LEGACY_HEADER, MAXIMUM, MINIMUM, SERVICE, Microversions, Version
from reference.compute.paths import ProjectInPath
from reference.faults.catalogue import entry, fault, table
from reference.faults.seams import Wrapper, around, changed, forgiving, instead_of, lacking, refusing, replaced, without
from reference.network.rest import errors as network_errors
from reference.wsgi import service
from reference.wsgi.errors import Problem

Spoil = Callable[[falcon.Request, falcon.Response], object]


def _leaving(middleware: type = Microversions) -> Callable[[Spoil], Plant]:
    """Let `spoil(request, response)` work on every answer that leaves through that middleware."""

    def seam(spoil: Spoil) -> Plant:
        def process(
            right: Wrapper, self: object, request: falcon.Request, response: falcon.Response, *more: Any
        ) -> None:
            right(self, request, response, *more)
            spoil(request, response)

        return around(middleware, "process_response")(process)

    return seam


def _without_header(name: str, middleware: type = Microversions) -> Plant:
    return _leaving(middleware)(lambda _request, response: response.delete_header(name))


def _version_from(choice: Callable[[falcon.Request], str | None]) -> Plant:
    """Let `choice(request)` be the version of a request, as text; None is what the headers say."""
    return around(microversion, "requested")(lambda right, request: choice(request) or right(request))


def _reading(change: Callable[[str], str]) -> Plant:
    """Let a version be read as `change(text)`."""
    return around(microversion, "parse")(lambda right, text: right(change(text)))


def _refused_by(status: int, problem: Problem) -> Plant:
    """Let versions that are refused with the status be refused by the problem."""
    return refusing(Microversions, "process_request")(lambda refused: problem if refused.status == status else refused)


def _refuse(problem: Problem) -> NoReturn:
    raise problem


table(
    entry("no-request-id", "N-ERR-017", "C-MV-012", row="DEF-C-013")(
        "Answers carry no x-openstack-request-id.", _without_header("x-openstack-request-id", service.RequestId)
    ),
    entry("request-id-of-another-form", "N-ERR-017", "C-MV-012")(
        "The request id is a bare UUID, without req-.",
        _leaving(service.RequestId)(
            lambda request, response: response.set_header(
                "x-openstack-request-id", request.context.request_id.removeprefix("req-")
            )
        ),
    ),
    entry("no-compute-request-id", "C-MV-012")(
        "Compute's answers carry no x-compute-request-id.", _without_header("x-compute-request-id")
    ),
    entry("network-errors-in-another-shape", "N-ERR-001", row="DEF-C-018")(
        'Networking\'s errors are {"error": {"code", "message"}}.',
        replaced(
            network_errors, "dialect", lambda problem: {"error": {"code": problem.status, "message": problem.message}}
        ),
    ),
    entry("network-errors-without-detail", "N-ERR-001")(
        "Networking's errors lack the key detail.",
        replaced(
            network_errors,
            "dialect",
            lambda problem: {"NeutronError": {"type": problem.kind, "message": problem.message}},
        ),
    ),
    entry("network-errors-are-text", "N-ERR-001")(
        "Networking's errors are a sentence.",
        replaced(network_errors, "dialect", lambda problem: {"NeutronError": problem.message}),
    ),
    entry("compute-faults-in-another-shape", "C-ERR-001", row="DEF-C-018")(
        'Compute\'s faults are {"error": {...}}, whatever they are.',
        replaced(
            compute_errors, "dialect", lambda problem: {"error": {"code": problem.status, "message": problem.message}}
        ),
    ),
    entry("compute-faults-without-code", "C-ERR-001")(
        "Compute's faults lack the status code.",
        replaced(compute_errors, "dialect", lambda problem: {problem.kind: {"message": problem.message}}),
    ),
    entry("no-version-is-the-newest", "C-MV-001", row="DEF-C-007")(
        "A request that names no microversion is answered at the newest.",
        _version_from(
            lambda request: None if request.get_header(HEADER) or request.get_header(LEGACY_HEADER) else str(MAXIMUM)
        ),
    ),
    entry("older-header-is-ignored", "C-MV-002", row="DEF-C-008")(
        "X-OpenStack-Nova-API-Version does not choose the version.",
        _version_from(lambda request: None if request.get_header(HEADER) else str(MINIMUM)),
    ),
    entry("older-header-goes-first", "C-MV-002")(
        "Where both headers are sent, the older one counts.",
        _version_from(lambda request: request.get_header(LEGACY_HEADER)),
    ),
    entry("older-header-is-not-answered", "C-MV-003", row="DEF-C-008")(
        "Answers name the version in OpenStack-API-Version alone.", _without_header(LEGACY_HEADER)
    ),
    entry("version-is-not-answered", "C-MV-003")(
        "Answers do not name the version in OpenStack-API-Version.", _without_header(HEADER)
    ),
    entry("vary-is-missing", "C-MV-003")("Answers say nothing in Vary.", _without_header("Vary")),
    entry("latest-in-capitals", "C-MV-004")("LATEST is taken for latest.", _reading(str.lower)),
    entry("latest-is-unknown", "C-MV-004")(
        "The word latest is refused.", _reading(lambda text: "?" if text == "latest" else text)
    ),
    entry("unsupported-version-is-400", "C-MV-005", row="DEF-C-009")(
        "A microversion the service does not speak is refused with 400.",
        _refused_by(406, compute_error(400, "not supported")),
    ),
    entry("unsupported-version-is-404", "C-MV-005")(
        "A microversion the service does not speak is refused with 404.",
        _refused_by(406, compute_error(404, "not supported")),
    ),
    entry("unsupported-version-has-another-key", "C-MV-005")(
        "A microversion the service does not speak is refused with the key notAcceptable.",
        _refused_by(406, Problem(406, "notAcceptable", "not supported")),
    ),
    entry("too-new-a-version-is-the-newest", "C-MV-005")(
        "A microversion beyond the newest is answered at the newest.",
        changed(microversion, "parse", lambda version: Version(*min(version, MAXIMUM))),
    ),
    entry("malformed-version-is-406", "C-MV-006", row="DEF-C-009")(
        "What is no microversion at all is refused with 406.", _refused_by(400, compute_error(406, "not supported"))
    ),
    entry("malformed-version-is-ignored", "C-MV-006")(
        "What is no microversion at all is answered at the oldest.", forgiving(microversion, "parse", MINIMUM)
    ),
    entry("another-services-version-is-refused", "C-MV-007")(
        "A version header that names another service is refused.",
        _version_from(lambda request: "?" if not (request.get_header(HEADER) or SERVICE).startswith(SERVICE) else None),
    ),
    entry("another-services-version-counts", "C-MV-007")(
        "A version header that names another service chooses Compute's version.",
        _version_from(lambda request: (request.get_header(HEADER) or "").rpartition(" ")[2]),
    ),
    entry("too-old-a-version-is-the-oldest", "C-MV-005")(
        "A microversion below the oldest is answered at the oldest.",
        changed(microversion, "parse", lambda version: Version(*max(version, MINIMUM))),
    ),
    entry("zeros-in-front-do-not-matter", "C-MV-006")(
        "2.037 is taken for 2.37.", _reading(lambda text: text.replace(".0", "."))
    ),
    entry("compute-faults-say-their-code-as-text", "C-ERR-001")(
        "The status code in Compute's faults is a string.",
        replaced(
            compute_errors,
            "dialect",
            lambda problem: {problem.kind: {"code": str(problem.status), "message": problem.message}},
        ),
    ),
    entry("versions-lack-their-minimum", "C-MV-009", "C-MV-010", row="DEF-C-011")(
        "The documents of versions lack min_version.", lacking(Versions, "entry", "min_version")
    ),
    entry("no-version-is-current", "C-MV-009", "C-MV-010")(
        "The version v2.1 is SUPPORTED, not CURRENT.",
        changed(Versions, "entry", lambda entry: {**entry, "status": "SUPPORTED"}),
    ),
    entry("discovery-wants-a-token", "C-MV-010", row="DEF-C-012")(
        "The document of the version is for those with a token.",
        around(compute, "public")(lambda right, request: right(request) and not request.path.startswith("/v2.1")),
    ),
    entry("other-roots-are-not-found", "C-MV-009")(
        "What is no version at the root is answered with 404, without a choice.",
        replaced(
            Versions, "choices", lambda _self, _call: _refuse(compute_error(404, "The resource could not be found."))
        ),
    ),
    entry("the-project-in-the-path-is-not-known", "C-MV-011")(
        "A path with the project in it is not found.", without(ProjectInPath, "process_request")
    ),
)


@fault("C-MV-003", at=_leaving())
def faults_name_no_version(_request: falcon.Request, response: falcon.Response) -> None:
    """Faults, other than successes, do not name the version."""
    if response.status_code >= 400:
        response.delete_header(HEADER)


@fault("C-MV-004", at=_leaving())
def latest_is_answered_as_a_word(request: falcon.Request, response: falcon.Response) -> None:
    """The answer to latest says latest, not a number."""
    if microversion.requested(request) == "latest":
        response.set_header(HEADER, f"{SERVICE} latest")


@fault("C-MV-011", at=instead_of(ProjectInPath, "process_request"))
def any_project_in_the_path(_self: ProjectInPath, request: falcon.Request, _response: falcon.Response) -> None:
    """The project in the path may be another one than the token's."""
    if form := paths.PROJECT.fullmatch(request.path):
        request.path = f"/v2.1{form[2]}"
