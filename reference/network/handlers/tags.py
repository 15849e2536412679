"""Tags: words that users attach to their objects, to find them by."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.engine import Connection, Row

from reference.network.rest import validators
from reference.network.rest.errors import error
from reference.network.rest.openapi import envelope
from reference.network.rest.requests import no_body, parse, require
from reference.network.rest.resource import Resource, Values
from reference.network.rest.rows import change, fetch
from reference.network.rest.validators import schema_of
from reference.store import Store
from reference.wsgi.routes import Answer, Call, Operation, Route

Change = Callable[[list[str]], list[str]]  # old tags of an object -> new tags

MOST, LONGEST = 50, 255  # tags of one object, characters of a tag
_TAGS = validators.distinct(validators.list_of(validators.tag))
_SHOWN, _NAMED = Operation(errors=(404,)), Operation(204, (404,), answer=None)
_REPLACED = Operation(errors=(400, 403, 404), body=envelope("tags", schema_of(_TAGS)))
_ADDED, _GONE = (Operation(status, (400, 403, 404), answer=None) for status in (201, 204))


class Tags:
    """The handlers, for every resource whose table has tags."""

    def __init__(self, resources: Sequence[Resource], store: Store) -> None:
        self.resources, self.store = [resource for resource in resources if "tags" in resource.table.c], store

    def routes(self) -> list[Route]:
        return [route for resource in self.resources for route in self._routes(resource)]

    def _routes(self, resource: Resource) -> list[Route]:
        all_tags = f"{resource.path}/{{item}}/tags"
        one_tag = f"{all_tags}/{{tag}}"
        return [
            Route("GET", all_tags, lambda call: Answer({"tags": self._tags(resource, call)}), _SHOWN),
            Route("PUT", all_tags, lambda call: self._replaced(resource, call), _REPLACED),
            Route("POST", all_tags, lambda call: self._created(resource, call), _REPLACED),
            Route("DELETE", all_tags, lambda call: self._gone(resource, call, lambda _tags: []), _GONE),
            Route("GET", one_tag, lambda call: self._named(resource, call), _NAMED),
            Route("PUT", one_tag, lambda call: self._added(resource, call), _ADDED),
            Route("DELETE", one_tag, lambda call: self._gone(resource, call, _without(call.params["tag"])), _GONE),
        ]

    def _tags(self, resource: Resource, call: Call) -> list[str]:
        with self.store.read() as tx:
            return list(fetch(tx, resource, call.caller, call.params["item"]).tags)

    def _named(self, resource: Resource, call: Call) -> Answer:
        tag = _possible(call.params["tag"])
        if tag not in self._tags(resource, call):
            raise error("TagNotFound", tag=tag)
        return Answer(status=204)

    def _replaced(self, resource: Resource, call: Call) -> Answer:
        new_tags = _requested(parse(call))
        return Answer({"tags": self._change(resource, call, lambda _tags: _bounded(resource, new_tags))})

    def _created(self, resource: Resource, call: Call) -> Answer:
        new_tags = _requested(parse(call))
        self._change(resource, call, lambda tags: [*tags, *_bounded(resource, new_tags)])
        return Answer({"tags": new_tags})

    def _added(self, resource: Resource, call: Call) -> Answer:
        added = _checked([call.params["tag"]])
        self._change(resource, call, lambda tags: _bounded(resource, [*tags, *added]))
        return Answer(status=201)

    def _gone(self, resource: Resource, call: Call, change_of: Change) -> Answer:
        no_body(call)
        self._change(resource, call, change_of)
        return Answer(status=204)

    def _change(self, resource: Resource, call: Call, change_of: Change) -> list[str]:
        """The new tags, which `change_of` makes of the old ones and which are stored. Raises Problem (403, 404)."""

        def write(tx: Connection) -> list[str]:
            row: Row[Any] = fetch(tx, resource, call.caller, call.params["item"], hold=True)
            require(resource, call.caller, "update", row)
            tags = list(dict.fromkeys(change_of(row.tags)))
            change(tx, resource.table, row.id, {"tags": tags})
            return tags

        return self.store.write(write)


def _requested(body: Values) -> list[str]:
    """The tags of a body. Raises Problem (400)."""
    if "tags" not in body:
        raise error("InvalidInput", text="Invalid tags body")
    return _checked(body["tags"])


def _bounded(resource: Resource, tags: list[str]) -> list[str]:
    """The tags, not too many. Raises Problem (400)."""
    if len(set(tags)) > MOST:
        text = f"The number of tags exceed the per-resource limit of {MOST}"
        raise error("BadRequest", resource=resource.plural, text=text)
    return tags


def _without(tag: str) -> Change:
    """The change that removes a tag, which raises Problem (404) where an object has no such tag.

    Raises Problem (400).
    """
    possible = _possible(tag)

    def change_of(tags: list[str]) -> list[str]:
        if possible not in tags:
            raise error("TagNotFound", tag=possible)
        return [other for other in tags if other != possible]

    return change_of


def _possible(tag: str) -> str:
    """The tag of a path. Raises Problem: 400 for a tag that is too long."""
    if len(tag) > LONGEST:
        raise error("InvalidInput", text=f"'{tag}' exceeds maximum length of {LONGEST}")
    return tag


def _checked(tags: Any) -> list[str]:
    """The tags, valid. Raises Problem (400)."""
    try:
        checked: list[str] = _TAGS(tags)
    except ValueError as reason:
        raise error("InvalidInput", text=f"Invalid tags: {str(reason).removesuffix('.')}") from None
    return checked
