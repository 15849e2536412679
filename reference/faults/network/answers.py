"""Faults in what the Networking API says of itself, in its lists, and in how it refuses."""

import uuid
from collections.abc import Callable
from typing import Any

from sqlalchemy.engine import Connection

from reference.catalogue import Plant
from reference.faults.catalogue import entry, fault, table
from reference.faults.seams import (
    Wrapper,
    altered,
    answering,
    around,
    attribute,
    broken,
    changed,
    forgiving,
    refused_as,
    refused_with,
    refusing,
    replaced,
    shown,
    spoiled,
    together,
    with_role,
    without,
)
from reference.network import Suffix
from reference.network.handlers import collection, extensions
from reference.network.handlers.collection import Collection
from reference.network.handlers.extensions import Discovery
from reference.network.resources import networks, ports, routers, subnets
from reference.network.rest import lists, validators
from reference.network.rest import resource as resources
from reference.network.rest.errors import bad_request
from reference.network.rest.resource import Resource, Values
from reference.network.rest.rows import fetch
from reference.wsgi.context import Caller
from reference.wsgi.errors import Problem
from reference.wsgi.routes import Answer, Call, Route
from reference.wsgi.service import Authentication


def _document(handler: str) -> Callable[[Callable[[Any], object]], Plant]:
    """Let `change(body)` work on what that handler of Discovery answers."""
    return lambda change: spoiled(Discovery, handler, lambda answer: change(answer.body))


def _unlisted(alias: str) -> Plant:
    return _document("extensions")(
        lambda body: body.update(extensions=[entry for entry in body["extensions"] if entry["alias"] != alias])
    )


table(
    *(
        entry(f"revisions-of-{resource.plural}-stay", "N-OBJ-014")(
            f"A change of one of the {resource.plural} does not raise its revision.",
            shown(resource)(lambda item: item.update(revision_number=0)),
        )
        for resource in (networks.RESOURCE, subnets.RESOURCE, ports.RESOURCE, routers.RESOURCE)
    ),
    entry("version-is-not-current", "N-EXT-001")(
        "The root calls its version SUPPORTED.",
        _document("versions")(lambda body: body["versions"][0].update(status="SUPPORTED")),
    ),
    entry("ports-are-no-resource", "N-EXT-002")(
        "The version document does not list ports.",
        _document("resources")(
            lambda body: body.update(resources=[one for one in body["resources"] if one["name"] != "port"])
        ),
    ),
    entry("extensions-differ-from-their-list", "N-EXT-003")(
        "An extension found by its alias has another date than in the list.",
        _document("extension")(lambda body: body["extension"].update(updated="2000-01-01T00:00:00-00:00")),
    ),
    entry("unknown-extensions-are-empty", "N-EXT-004")(
        "An unknown extension is answered 200 with nothing in it.",
        forgiving(Discovery, "extension", Answer({"extension": {}}), kind="HTTPNotFound"),
    ),
    entry("subnet-allocation-is-not-listed", "N-EXT-006", "N-EXT-007")(
        "The extension subnet_allocation is not listed, which others require.", _unlisted("subnet_allocation")
    ),
    entry("sorting-is-not-listed", "N-EXT-008")("The extension sorting is not listed.", _unlisted("sorting")),
    entry("topology-has-another-name", "N-EXT-005")(
        "The extension auto-allocated-topology is called otherwise, in the list as well.",
        altered(
            extensions,
            "EXTENSIONS",
            lambda extensions_by_alias: {
                **extensions_by_alias,
                "auto-allocated-topology": ("Get me a network", "2016-01-01"),
            },
        ),
    ),
    entry("version-document-is-for-all", "N-EXT-010")(
        "The version document is answered without a token.",
        around(Authentication, "process_request")(
            lambda right, self, request, response: request.path == "/v2.0/" or right(self, request, response)
        ),
    ),
    entry("refusals-do-not-name-identity", "N-ERR-015")(
        "A 401 has no WWW-Authenticate.",
        refusing(Authentication, "process_request")(
            lambda problem: Problem(problem.status, problem.kind, problem.message)
        ),
    ),
    entry("broken-bodies-break-the-service", "N-ERR-005", "N-ERR-002")(
        "A body that is no JSON is answered 500.", refusing(collection, "parse")(broken)
    ),
    entry("bodies-need-no-envelope", "N-ERR-006")(
        "A body without the resource's own key is taken for the resource.",
        around(collection, "enveloped")(lambda right, body, key: right(body if key in body else {key: body}, key)),
    ),
    entry("missing-networks-are-not-found", "N-ERR-008")(
        "A port without a network is answered as if it named an unknown one.",
        attribute(ports.RESOURCE, "network_id", default=None),
    ),
    entry("ids-may-be-chosen", "N-ERR-009")(
        "A network may be made with an id of one's own.",
        together(
            attribute(networks.RESOURCE, "id", post=True, check=validators.uuid_text),
            around(networks.RESOURCE, "create")(
                lambda right, tx, caller, values: str(values.get("id", right(tx, caller, values)))
            ),
        ),
    ),
    entry("ids-need-not-be-uuids", "N-ERR-010")(
        "A port's network may be named by any text.", attribute(ports.RESOURCE, "network_id", check=validators.text)
    ),
    entry("mtus-may-be-negative", "N-ERR-010")(
        "A network's MTU may be negative.",
        attribute(networks.RESOURCE, "mtu", check=validators.integer(-1, 65535)),
    ),
    entry("gateways-may-be-anything", "N-ERR-010")(
        "The values of a router's gateway are not checked.",
        attribute(routers.RESOURCE, "external_gateway_info", check=lambda value: value),
    ),
    entry("unknown-collections-have-another-type", "N-ERR-012")(
        "An unknown collection is answered as NotFound.", refused_as("HTTPNotFound", "NotFound")
    ),
    entry("forbidden-in-other-words", "N-ERR-014")(
        "What policy forbids is refused without the words that clients know.",
        refused_with("PolicyNotAuthorized", 403, "Not allowed to {rule}"),
    ),
    entry("suffixes-are-not-tolerated", "N-ERR-018")(
        ".json behind a URL is part of it.", without(Suffix, "process_request")
    ),
    entry("deletes-answer-200", "N-ERR-019")(
        "DELETE answers 200 with an empty object.",
        answering(Collection, "delete")(lambda _call, _answer: Answer({}, 200)),
    ),
    *(
        entry(f"delete-of-no-{name}-is-204", requirement)(
            f"DELETE of a {name} that is gone answers 204.",
            forgiving(Collection, "delete", Answer(status=204), kind=kind),
        )
        for name, kind, requirement in (
            ("network", "NetworkNotFound", "N-NET-026"),
            ("subnet", "SubnetNotFound", "N-NET-026"),
            ("security-group", "SecurityGroupNotFound", "N-PORT-019"),
        )
    ),
    entry("deletes-take-bodies", "N-ERR-020")("The body of a DELETE is ignored.", without(collection, "no_body")),
    entry("first-value-of-a-filter-counts", "N-NET-023")(
        "If a filter has several values, only the first counts.",
        changed(lists, "filters_of", lambda filters: {name: values[:1] for name, values in filters.items()}),
    ),
    entry("every-page-has-a-next", "N-NET-030")(
        "The last page has a link to a next one.",
        around(lists, "page_links")(lambda right, *arguments, **named: right(*arguments, **{**named, "forward": True})),
    ),
    entry("pages-go-forwards-only", "N-NET-030")(
        "page_reverse is accepted and ignored.", replaced(lists, "is_backwards", lambda _call: False)
    ),
    entry("senseless-limits-are-none", "N-NET-031")(
        "A limit that is negative or no number is no limit.", forgiving(lists, "page_limit", 0, kind="BadRequest")
    ),
    entry("every-order-ascends", "N-NET-033")(
        "sort_dir is accepted and ignored.",
        around(lists, "sort_order")(
            lambda right, resource, call, backwards: [
                (key, not backwards) for key, _up in right(resource, call, backwards)
            ]
        ),
    ),
    entry("unknown-sort-keys-do-not-sort", "N-NET-033")(
        "An unknown sort key is ignored.",
        forgiving(lists, "sort_order", [("id", True)], kind="HTTPBadRequest"),
    ),
    entry("all-fields-are-shown", "N-NET-034")(
        "fields is accepted and ignored.", replaced(lists, "chosen", lambda _call, item: item)
    ),
    entry("unknown-filters-do-not-filter", "N-NET-035", "N-RTR-020")(
        "A list with an unknown filter is the whole list.",
        forgiving(lists, "filter_conditions", ([], {}), kind="HTTPBadRequest"),
    ),
    entry("what-is-not-true-is-false", "N-NET-017")(
        "A filter that takes a truth value takes anything else for false.",
        forgiving(lists, "converted", False, kind="InvalidInput"),
    ),
    entry("unknown-markers-begin-at-the-beginning", "N-NET-032")(
        "A page behind an unknown item is the first one.",
        forgiving(lists, "marker_row", kind="NetworkNotFound"),
    ),
)


@fault("N-ERR-007", at=around(resources, "refuse_unknown"))
def unknown_attributes_are_dropped(_right: Wrapper, resource: Resource, values: Values) -> None:
    """An unknown attribute is dropped."""
    for name in set(values) - set(resource.by_name):
        del values[name]


@fault("N-ERR-011", at=around(collection, "fetch"))
def ids_in_urls_must_be_uuids(
    right: Wrapper, tx: Connection, resource: Resource, caller: Caller, item: str, **named: Any
) -> Any:
    """An id in the URL that is no UUID is answered 400."""
    try:
        uuid.UUID(item)
    except ValueError:
        raise bad_request(f"'{item}' is not a valid UUID.") from None
    return right(tx, resource, caller, item, **named)


@fault("N-ERR-013", at=around(Collection, "show"), row="DEF-N-066")
def hidden_things_are_shown(right: Wrapper, self: Collection, call: Call) -> Answer:
    """A 404 for what the caller may not see has it in its body."""
    try:
        return right(self, call)  # type: ignore[no-any-return]
    except Problem as refused:
        administrator = with_role(call.caller, "admin")
        with self.store.read() as tx:
            row = fetch(tx, self.resource, administrator, call.params["item"])
            hidden = self.resource.view(tx, administrator, [row])[0]
        error = {"type": refused.kind, "message": refused.message, "detail": ""}
        return Answer({"NeutronError": error, self.resource.singular: hidden}, 404)


@fault("N-ERR-016", at=around(Collection, "routes"))
def collections_can_be_deleted(right: Wrapper, self: Collection) -> list[Route]:
    """DELETE of a collection answers 204."""
    routes: list[Route] = right(self)
    return [*routes, Route("DELETE", routes[0].path, lambda _call: Answer(status=204))]
