"""Faults in Identity and Image, as far as get-me-a-network needs them."""

from typing import Any

import reference.image as image
from reference.faults.catalogue import entry, fault, table
from reference.faults.seams import (
    Wrapper,
    altered,
    answering,
    around,
    body_of,
    changed,
    lacking,
    refusing,
    replace,
    replaced,
    spoiled,
)
from reference.identity import api, catalog
from reference.identity.admin import Admin
from reference.wsgi.errors import Problem
from reference.wsgi.routes import Answer, Call
from reference.wsgi.service import Authentication


def _not_found(_self: api.Api, _call: Call) -> Answer:
    raise Problem(404, "Not Found", "nothing here")


table(
    entry("identity-has-no-root", "K-001")(
        "The root of Identity is not found.", replaced(api.Api, "versions", _not_found)
    ),
    entry("wrong-passwords-are-forbidden", "K-002")(
        "A wrong password is answered with 403.",
        refusing(api.Api, "authenticate")(
            lambda problem: Problem(403 if problem.status == 401 else problem.status, "Forbidden", problem.message)
        ),
    ),
    entry("tokens-have-no-beginning", "K-002", "K-005")(
        "A token does not say when it was issued.", lacking(api.Api, "describe", "issued_at")
    ),
    entry("endpoints-lack-their-region", "K-003")(
        "The endpoints of the catalog lack region_id.",
        spoiled(
            api,
            "catalog",
            lambda services: [endpoint.pop("region_id") for service in services for endpoint in service["endpoints"]],
        ),
    ),
    entry("nobody-is-told-where-to-sign-in", "K-004")(
        "A 401 does not say WWW-Authenticate.",
        refusing(Authentication, "process_request")(
            lambda problem: Problem(problem.status, problem.kind, problem.message)
        ),
    ),
    entry("deletions-answer-200", "K-006")(
        "What an administrator deletes in Identity is answered with 200.",
        changed(Admin, "delete", lambda _answer: Answer({})),
    ),
    entry("names-of-images-are-no-filter", "G-003")(
        "The filter name finds every image.",
        altered(image.lists, "EXACT", lambda names: tuple(name for name in names if name != "name")),
    ),
    entry("pages-of-images-never-end", "G-003")(
        "A list of images always links to a next page.",
        answering(image.Api, "index")(lambda _call, answer: Answer({**body_of(answer), "next": "/v2/images"})),
    ),
)


@fault("K-003")
def identity_is_found_by_a_template() -> None:
    """The endpoint of Identity in the catalog has a placeholder for the project's id instead of the id."""
    suffixes = {"identity": "/v3/$(project)s"}
    services = tuple((kind, name, suffixes.get(kind, suffix)) for kind, name, suffix in catalog.SERVICES)
    replace(catalog, "SERVICES", services)


@fault("K-006", at=around(Admin, "create"))
def users_show_their_passwords(right: Wrapper, self: Admin, kind: Any, call: Call) -> Answer:
    """A user that is made is shown with the password."""
    answer: Answer = right(self, kind, call)
    body = body_of(answer)
    if kind.singular == "user":
        body["user"]["password"] = "as it was"  # noqa: S105 - not one
    return answer


@fault("G-001", at=answering(image.Api, "versions"))
def no_version_of_images_is_current(_call: Call, answer: Answer) -> Answer:
    """Image has no version that is CURRENT."""
    body = body_of(answer)
    return Answer({"versions": [{**version, "status": "SUPPORTED"} for version in body["versions"]]}, answer.status)


@fault("G-002", at=around(image.Api, "show"))
def images_are_shown_by_name(right: Wrapper, self: image.Api, call: Call) -> Answer:
    """An image is shown by its name, too."""
    named = [one for one in body_of(self.index(call))["images"] if one["name"] == call.params["image"]]
    return Answer(named[0]) if named else right(self, call)
