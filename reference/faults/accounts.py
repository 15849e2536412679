"""Faults in Identity and Image, as far as get-me-a-network needs them."""

from __future__ import annotations

from typing import Any

import reference.image as image
from reference.faults.catalogue import defect
from reference.faults.seam import answering, around, replace
from reference.identity import api, catalog
from reference.identity.admin import Admin
from reference.wsgi.errors import Problem
from reference.wsgi.routes import Answer, Call
from reference.wsgi.service import Authentication


@defect("K-001")
def identity_has_no_root() -> None:
    """The root of Identity is not found."""

    def versions(_right: Any, _self: api.Api, _call: Call) -> Answer:
        raise Problem(404, "Not Found", "nothing here")

    around(api.Api, "versions", versions)


@defect("K-002")
def wrong_passwords_are_forbidden() -> None:
    """A wrong password is answered with 403."""

    def authenticate(right: Any, self: api.Api, call: Call) -> Answer:
        try:
            return right(self, call)  # type: ignore[no-any-return]
        except Problem as refused:
            raise Problem(403 if refused.status == 401 else refused.status, "Forbidden", refused.message) from None

    around(api.Api, "authenticate", authenticate)


@defect("K-002", "K-005")
def tokens_have_no_beginning() -> None:
    """A token does not say when it was issued."""

    def describe(right: Any, *arguments: Any) -> Any:
        return {name: value for name, value in right(*arguments).items() if name != "issued_at"}

    around(api.Api, "_describe", describe)


@defect("K-003")
def identity_is_found_by_a_template() -> None:
    """The endpoint of Identity in the catalog has the name of the project's id in it, and not the id."""
    services = tuple((*each[:2], "/v3/$(project)s") if each[0] == "identity" else each for each in catalog._SERVICES)
    replace(catalog, "_SERVICES", services)


@defect("K-003")
def endpoints_lack_their_region() -> None:
    """The endpoints of the catalog lack region_id."""

    def listed(right: Any, settings: Any) -> Any:
        found = right(settings)
        for service in found:
            for endpoint in service["endpoints"]:
                endpoint.pop("region_id")
        return found

    around(api, "catalog", listed)


@defect("K-004")
def nobody_is_told_where_to_sign_in() -> None:
    """A 401 does not say WWW-Authenticate."""

    def process(right: Any, *arguments: Any) -> Any:
        try:
            return right(*arguments)
        except Problem as refused:
            raise Problem(refused.status, refused.kind, refused.message) from None

    around(Authentication, "process_request", process)


@defect("K-006")
def users_show_their_passwords() -> None:
    """A user that is made is shown with the password."""

    def create(right: Any, self: Admin, kind: Any, call: Call) -> Answer:
        answer: Answer = right(self, kind, call)
        body: Any = answer.body
        if kind.singular == "user":
            body["user"]["password"] = "as it was"  # noqa: S105 - not one
        return answer

    around(Admin, "_create", create)


@defect("K-006")
def deletions_answer_200() -> None:
    """What an administrator deletes in Identity is answered with 200."""

    def delete(right: Any, self: Admin, kind: Any, call: Call) -> Answer:
        right(self, kind, call)
        return Answer({})

    around(Admin, "_delete", delete)


@defect("G-001")
def no_version_of_images_is_current() -> None:
    """Image has no version that is CURRENT."""

    def change(_call: Call, answer: Answer) -> Answer:
        body: Any = answer.body
        return Answer({"versions": [{**each, "status": "SUPPORTED"} for each in body["versions"]]}, answer.status)

    answering(image.Api, "versions", change)


@defect("G-002")
def images_are_shown_by_name() -> None:
    """An image is shown by its name, too."""

    def show(right: Any, self: image.Api, call: Call) -> Answer:
        known: Any = self.index(call).body
        named = [each for each in known["images"] if each["name"] == call.params["image"]]
        return Answer(named[0]) if named else right(self, call)

    around(image.Api, "show", show)


@defect("G-003")
def names_of_images_are_no_filter() -> None:
    """The filter name finds every image."""
    replace(image.lists, "_EXACT", tuple(name for name in image.lists._EXACT if name != "name"))


@defect("G-003")
def pages_of_images_never_end() -> None:
    """A list of images always links to a next page."""
    answering(image.Api, "index", lambda _call, answer: Answer({**dict(answer.body), "next": "/v2/images"}))  # type: ignore[call-overload]
