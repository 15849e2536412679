"""Faults in what the Networking API says of itself, and in how it refuses."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy.engine import Connection

from reference import network
from reference.faults.catalogue import defect
from reference.faults.network_seam import attribute, doing, overlooking, replace_error, type_of, with_role
from reference.faults.seam import answering, around, crash, nothing, replace
from reference.network.handlers import collection, extensions
from reference.network.handlers.collection import Collection
from reference.network.handlers.extensions import Discovery
from reference.network.resources import networks, ports, routers
from reference.network.rest import resource as resources
from reference.network.rest import rows, validators
from reference.network.rest.errors import bad_request
from reference.network.rest.resource import Resource, Values
from reference.wsgi.context import Caller
from reference.wsgi.errors import Problem
from reference.wsgi.routes import Answer, Call, Route
from reference.wsgi.service import Authentication


def _told(handler: str, change: Any) -> None:
    """Let `change(body)` work on what that handler of Discovery answers."""

    def altered(_call: Call, answer: Answer) -> Answer:
        change(answer.body)
        return answer

    answering(Discovery, handler, altered)


@defect("N-EXT-001")
def version_is_not_current() -> None:
    """The root calls its version SUPPORTED."""
    _told("versions", lambda body: body["versions"][0].update(status="SUPPORTED"))


@defect("N-EXT-002")
def ports_are_no_resource() -> None:
    """The version document does not list ports."""
    _told("resources", lambda body: body.update(resources=[e for e in body["resources"] if e["name"] != "port"]))


@defect("N-EXT-003")
def extensions_differ_from_their_list() -> None:
    """An extension found by its alias has another date than in the list."""
    _told("extension", lambda body: body["extension"].update(updated="2000-01-01T00:00:00-00:00"))


@defect("N-EXT-004")
def unknown_extensions_are_empty() -> None:
    """An extension that there is not is answered 200 with nothing in it."""
    overlooking(Discovery, "extension", "HTTPNotFound", Answer({"extension": {}}))


def _unlisted(alias: str) -> None:
    _told(
        "extensions",
        lambda body: body.update(extensions=[each for each in body["extensions"] if each["alias"] != alias]),
    )


@defect("N-EXT-006", "N-EXT-007")
def subnet_allocation_is_not_listed() -> None:
    """The extension subnet_allocation is not listed, which others require."""
    _unlisted("subnet_allocation")


@defect("N-EXT-008")
def sorting_is_not_listed() -> None:
    """The extension sorting is not listed."""
    _unlisted("sorting")


@defect("N-EXT-005")
def topology_has_another_name() -> None:
    """The extension auto-allocated-topology is called otherwise, in the list as well."""
    alias = "auto-allocated-topology"
    replace(extensions, "_EXTENSIONS", {**extensions._EXTENSIONS, alias: ("Get me a network", "2016-01-01")})


@defect("N-EXT-010")
def version_document_is_for_all() -> None:
    """The version document is answered without a token."""

    def process(right: Any, self: object, req: Any, resp: Any) -> None:
        if req.path != "/v2.0/":
            right(self, req, resp)

    around(Authentication, "process_request", process)


@defect("N-ERR-015")
def refusals_do_not_name_identity() -> None:
    """A 401 has no WWW-Authenticate."""

    def process(right: Any, self: object, req: Any, resp: Any) -> None:
        try:
            right(self, req, resp)
        except Problem as refused:
            raise Problem(refused.status, refused.kind, refused.message) from None

    around(Authentication, "process_request", process)


@defect("N-ERR-005", "N-ERR-002")
def broken_bodies_break_the_service() -> None:
    """A body that is no JSON is answered 500."""

    def parse(right: Any, call: Call) -> Values:
        try:
            return right(call)  # type: ignore[no-any-return]
        except Problem:
            return crash()  # type: ignore[no-any-return]

    around(collection, "parse", parse)


@defect("N-ERR-006")
def bodies_need_no_envelope() -> None:
    """A body without the resource's own key is taken for the resource."""
    around(collection, "enveloped", lambda right, body, key: right(body if key in body else {key: body}, key))


@defect("N-ERR-007")
def unknown_attributes_are_dropped() -> None:
    """An attribute that there is not is dropped."""

    def refuse(_right: Any, resource: Resource, given: Values) -> None:
        for name in set(given) - set(resource.by_name):
            del given[name]

    around(resources, "_refuse_unknown", refuse)


@defect("N-ERR-008")
def missing_networks_are_not_found() -> None:
    """A port without a network is answered as if it named one that there is not."""
    attribute(ports.RESOURCE, "network_id", default=None)


@defect("N-ERR-009")
def ids_may_be_chosen() -> None:
    """A network may be made with an id of one's own."""
    attribute(networks.RESOURCE, "id", post=True, check=validators.uuid_text)
    doing(networks.RESOURCE, "create", lambda right, tx, caller, values: _chosen(values, right(tx, caller, values)))


def _chosen(values: Values, made: str) -> str:
    return str(values.get("id", made))


@defect("N-ERR-010")
def ids_need_not_be_uuids() -> None:
    """A port's network may be named by any text."""
    attribute(ports.RESOURCE, "network_id", check=validators.text)


@defect("N-ERR-010")
def mtus_may_be_negative() -> None:
    """A network's MTU may be less than nothing."""
    attribute(networks.RESOURCE, "mtu", check=validators.integer(-1, 65535))


@defect("N-ERR-010")
def gateways_may_be_anything() -> None:
    """What a router is told of its gateway is not looked at."""
    attribute(routers.RESOURCE, "external_gateway_info", check=lambda value: value)


@defect("N-ERR-011")
def ids_in_urls_must_be_uuids() -> None:
    """An id in the URL that is no UUID is answered 400."""

    def fetch(right: Any, tx: Connection, resource: Resource, caller: Caller, item: str, **named: Any) -> Any:
        try:
            uuid.UUID(item)
        except ValueError:
            raise bad_request(f"'{item}' is not a valid UUID.") from None
        return right(tx, resource, caller, item, **named)

    around(collection, "fetch", fetch)


@defect("N-ERR-012")
def unknown_collections_have_another_type() -> None:
    """A collection that there is not is answered as NotFound."""
    type_of("HTTPNotFound", "NotFound")


@defect("N-ERR-013", row="DEF-N-066")
def hidden_things_are_shown() -> None:
    """A 404 for what the caller may not see has it in its body."""

    def show(right: Any, self: Collection, call: Call) -> Answer:
        try:
            return right(self, call)  # type: ignore[no-any-return]
        except Problem as refused:
            administrator = with_role(call.caller, "admin")
            with self.store.read() as tx:
                row = rows.fetch(tx, self.resource, administrator, call.params["item"])
                hidden = self.resource.view(tx, administrator, [row])[0]
            error = {"type": refused.kind, "message": refused.message, "detail": ""}
            return Answer({"NeutronError": error, self.resource.singular: hidden}, 404)

    around(Collection, "show", show)


@defect("N-ERR-014")
def forbidden_in_other_words() -> None:
    """What policy forbids is refused without the words that clients know."""
    replace_error("PolicyNotAuthorized", (403, "Not allowed to {rule}"))


@defect("N-ERR-016")
def collections_can_be_deleted() -> None:
    """DELETE of a collection answers 204."""

    def routes(right: Any, self: Collection) -> list[Route]:
        return [*right(self), Route("DELETE", right(self)[0].path, lambda _call: Answer(status=204))]

    around(Collection, "routes", routes)


@defect("N-ERR-018")
def suffixes_are_not_tolerated() -> None:
    """.json behind a URL is part of it."""
    replace(network._Suffix, "process_request", nothing)


@defect("N-ERR-019")
def deletes_answer_200() -> None:
    """DELETE answers 200 with an empty object."""
    answering(Collection, "delete", lambda _call, _answer: Answer({}, 200))


@defect("N-ERR-020")
def deletes_take_bodies() -> None:
    """The body of a DELETE is ignored."""
    replace(collection, "no_body", nothing)
